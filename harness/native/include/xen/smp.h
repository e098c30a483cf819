/* Several CPUs, and what one has another do. */
#ifndef __XEN_SMP_H__
#define __XEN_SMP_H__

#include <xen/cpumask.h>
#include <xen/percpu.h>
#include <xen/system.h>

#define smp_processor_id()     machine_cpu()
#define raw_smp_processor_id() machine_cpu()
#define get_cpu() machine_cpu()
#define put_cpu() ((void)0)

/* Have `function` called in an interrupt on each of these CPUs that is online; with `wait`, until all have returned. Interrupts are on. */
static always_inline void on_selected_cpus(const cpumask_t *selected, void (*function)(void *), void *info, int wait)
{
    machine_call(MACHINE_ON_SELECTED_CPUS, (unsigned long)selected->bits, (unsigned long)function, (unsigned long)info, wait);
}

/* On all others, and on all. */
static always_inline void smp_call_function(void (*function)(void *), void *info, int wait)
{
    cpumask_t others = CPU_MASK_NONE;

    machine_cpus(&others, 1);
    __cpumask_clear_cpu(machine_cpu(), &others);
    on_selected_cpus(&others, function, info, wait);
}

static always_inline void on_each_cpu(void (*function)(void *), void *info, int wait)
{
    cpumask_t all = CPU_MASK_NONE;

    on_selected_cpus(machine_cpus(&all, 1), function, info, wait);
}

#endif /* __XEN_SMP_H__ */
