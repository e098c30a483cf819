/* CPUs that come and go. */
#ifndef __XEN_CPU_H__
#define __XEN_CPU_H__

#include <xen/cpumask.h>
#include <xen/notifier.h>
#include <xen/smp.h>
#include <xen/spinlock.h>
#include <xen/types.h>

/* What a notifier is told, on a CPU that stays. Of those after CPU_DEAD it is told nothing here. */
enum {
    CPU_UP_PREPARE  = MACHINE_CPU_UP_PREPARE,
    CPU_UP_CANCELED = MACHINE_CPU_UP_CANCELED,
    CPU_DEAD        = MACHINE_CPU_DEAD,
    CPU_STARTING,
    CPU_ONLINE,
    CPU_DOWN_PREPARE,
    CPU_DOWN_FAILED,
    CPU_DYING,
    CPU_REMOVE,
};
#define NOTIFY_FORWARD 0
#define NOTIFY_REVERSE 0

/* Those that were registered first are called first, whatever their priorities say. */
static always_inline int register_cpu_notifier(struct notifier_block *nb)
{
    machine_call2(MACHINE_REGISTER_CPU_NOTIFIER, nb->notifier_call, nb);
    return 0;
}

/* Who calls these may be sure that no CPU comes or goes: nobody waits for that here. */
#define get_cpu_maps() true
#define put_cpu_maps() ((void)0)

#endif /* __XEN_CPU_H__ */
