#ifndef __RING_TASKLET_H__
#define __RING_TASKLET_H__

#include <xen/types.h>
#include <xen/percpu.h>

/* In this word: bits, and where the tasklet is. */
#define _T_QUEUED   0
#define _T_RUNNING  1
#define _T_AGAIN    2
#define _T_DEAD     3
#define _T_SOFTIRQ  4

/* The CPU of a static one. */
#define NOWHERE 0xffff

struct tasklet
{
    uint8_t flags;
    int8_t slot;
    uint16_t on_cpu, again_on;
    void (*func)(unsigned long);
    unsigned long data;
};

#define DECLARE_TASKLET(name, fn, arg) \
    struct tasklet name = { 0, -1, NOWHERE, 0, fn, arg }
#define DECLARE_SOFTIRQ_TASKLET(name, fn, arg) \
    struct tasklet name = { 1 << _T_SOFTIRQ, -1, NOWHERE, 0, fn, arg }

DECLARE_PER_CPU(unsigned long, tasklet_work_to_do);

void tasklet_subsys_init(void);
void tasklet_init(
    struct tasklet *t, void (*func)(unsigned long), unsigned long data);
void softirq_tasklet_init(
    struct tasklet *t, void (*func)(unsigned long), unsigned long data);
void tasklet_schedule(struct tasklet *t);
void tasklet_schedule_on_cpu(struct tasklet *t, unsigned int cpu);
void do_tasklet(void);
void tasklet_kill(struct tasklet *t);

#endif /* __RING_TASKLET_H__ */
