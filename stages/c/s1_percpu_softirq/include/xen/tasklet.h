/*
 * Tasklets: functions that are to run once, soon, on some CPU.
 *
 * One of softirq kind runs in the TASKLET softirq, one of VCPU kind in the
 * idle vCPU.
 */

#ifndef __XEN_TASKLET_H__
#define __XEN_TASKLET_H__

#include <xen/types.h>
#include <xen/list.h>
#include <xen/percpu.h>

struct tasklet
{
    struct list_head list;
    /* Who may touch the rest of one that is per-cpu; see tasklet.c. */
    unsigned long state;
    bool_t is_percpu;
    /* The CPU that it is to run on, while it is scheduled; else negative. */
    int scheduled_on;
    bool_t is_softirq;
    bool_t is_running;
    bool_t is_dead;
    void (*func)(unsigned long);
    unsigned long data;
};

#define __DECLARE_TASKLET(name, fn, arg, softirq)       \
    struct tasklet name = {                             \
        .list = LIST_HEAD_INIT(name.list),              \
        .scheduled_on = -1,                             \
        .is_softirq = softirq,                          \
        .func = fn,                                     \
        .data = arg,                                    \
    }
#define DECLARE_TASKLET(name, fn, arg)                  \
    __DECLARE_TASKLET(name, fn, arg, 0)
#define DECLARE_SOFTIRQ_TASKLET(name, fn, arg)          \
    __DECLARE_TASKLET(name, fn, arg, 1)

/*
 * What the scheduler and do_tasklet() tell each other: work is queued on a
 * CPU; that CPU's idle vCPU has been put on for it.
 */
#define _TASKLET_enqueued  0
#define _TASKLET_scheduled 1
#define TASKLET_enqueued   (1ul << _TASKLET_enqueued)
#define TASKLET_scheduled  (1ul << _TASKLET_scheduled)
DECLARE_PER_CPU(unsigned long, tasklet_work_to_do);

void tasklet_subsys_init(void);

void tasklet_init(
    struct tasklet *t, void (*func)(unsigned long), unsigned long data);
void softirq_tasklet_init(
    struct tasklet *t, void (*func)(unsigned long), unsigned long data);
void percpu_tasklet_init(
    struct tasklet *t, void (*func)(unsigned long), unsigned long data);

/* Have a tasklet run on this CPU, or on that one. */
void tasklet_schedule(struct tasklet *t);
void tasklet_schedule_on_cpu(struct tasklet *t, unsigned int cpu);

/* The idle loop's part: run at most one tasklet of VCPU kind. */
void do_tasklet(void);

/* Cancel a tasklet, wait for it if it runs; it will never run again. */
void tasklet_kill(struct tasklet *t);

#endif /* __XEN_TASKLET_H__ */
