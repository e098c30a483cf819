#pragma once

#include <xen/types.h>
#include <xen/percpu.h>
#include <mailbox.h>

typedef void tasklet_fn(unsigned long);

struct tasklet {
  letter_t letter;
  _Atomic unsigned int state; // WANTED, BUSY, DEAD; from bit 8 on, the CPU
  bool in_softirq;
  tasklet_fn *func;
  unsigned long data;
};

#define DECLARE_TASKLET(name, f, d)                                            \
  struct tasklet name = {.func = (f), .data = (d)}
#define DECLARE_SOFTIRQ_TASKLET(name, f, d)                                    \
  struct tasklet name = {.func = (f), .data = (d), .in_softirq = true}

DECLARE_PER_CPU(unsigned long, tasklet_work_to_do);

void tasklet_subsys_init(void);
void tasklet_init(struct tasklet *, tasklet_fn *, unsigned long);
void softirq_tasklet_init(struct tasklet *, tasklet_fn *, unsigned long);
void tasklet_schedule(struct tasklet *);
void tasklet_schedule_on_cpu(struct tasklet *, unsigned int cpu);
void do_tasklet(void);
void tasklet_kill(struct tasklet *);
