/* Softirqs: handlers that a CPU runs soon, with interrupts on, the lowest number first. */
#ifndef __XEN_SOFTIRQ_H__
#define __XEN_SOFTIRQ_H__

#include <xen/cpumask.h>
#include <xen/lib.h>
#include <xen/percpu.h>
#include <xen/smp.h>
#include <xen/spinlock.h>

/* The numbers that the machine itself knows, and behind them what code under test has been promised: -DMACHINE_SOFTIRQS=…. */
enum {
    TIMER_SOFTIRQ = 0,
    SCHEDULE_SOFTIRQ,
    NEW_TLBFLUSH_CLOCK_PERIOD_SOFTIRQ,
    RCU_SOFTIRQ,
#ifdef MACHINE_SOFTIRQS
    MACHINE_SOFTIRQS,
#endif
    NR_COMMON_SOFTIRQS
};
#define NR_SOFTIRQS 32

typedef void (*softirq_handler)(void);

static always_inline void open_softirq(int nr, softirq_handler handler) { machine_call2(MACHINE_OPEN_SOFTIRQ, nr, handler); }

/* On this CPU; on that one, which is sent an interrupt if it is another; on some. */
static always_inline void raise_softirq(unsigned int nr) { machine_call1(MACHINE_RAISE_SOFTIRQ, nr); }
static always_inline void cpu_raise_softirq(unsigned int cpu, unsigned int nr) { machine_call2(MACHINE_CPU_RAISE_SOFTIRQ, cpu, nr); }
static always_inline void cpumask_raise_softirq(const cpumask_t *mask, unsigned int nr)
{
    unsigned int cpu;

    for_each_cpu ( cpu, mask )
        cpu_raise_softirq(cpu, nr);
}

static always_inline void process_pending_softirqs(void) { machine_call0(MACHINE_PROCESS_PENDING_SOFTIRQS); }

#endif /* __XEN_SOFTIRQ_H__ */
