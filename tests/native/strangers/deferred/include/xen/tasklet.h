#ifndef _DEFERRED_TASKLET_H
#define _DEFERRED_TASKLET_H

#include <xen/types.h>
#include <xen/percpu.h>
#include "../chain.h"

enum work_kind { WORK_IDLE, WORK_SOFTIRQ, WORK_KINDS };

struct tasklet {
	struct chain_node node;
	struct {
		unsigned int pending:1,
			     active:1,
			     disabled:1;
		enum work_kind kind;
	} how;
	int cpu;
	void (*func)(unsigned long);
	unsigned long data;
};

#define WORK_INIT(f, d, k)	{ .how = { .kind = (k) }, .cpu = -1, .func = (f), .data = (d) }
#define DECLARE_TASKLET(n, f, d)		struct tasklet n = WORK_INIT(f, d, WORK_IDLE)
#define DECLARE_SOFTIRQ_TASKLET(n, f, d)	struct tasklet n = WORK_INIT(f, d, WORK_SOFTIRQ)

DECLARE_PER_CPU(unsigned long, tasklet_work_to_do);

void tasklet_subsys_init(void);
void tasklet_init(struct tasklet *t, void (*func)(unsigned long), unsigned long data);
void softirq_tasklet_init(struct tasklet *t, void (*func)(unsigned long), unsigned long data);
void tasklet_schedule(struct tasklet *t);
void tasklet_schedule_on_cpu(struct tasklet *t, unsigned int cpu);
void do_tasklet(void);
void tasklet_kill(struct tasklet *t);

#endif
