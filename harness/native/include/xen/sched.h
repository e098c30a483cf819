/* The scheduler, as far as somebody who is run by it needs it. */
#ifndef __XEN_SCHED_H__
#define __XEN_SCHED_H__

#include <xen/bitops.h>
#include <xen/cpumask.h>
#include <xen/lib.h>
#include <xen/list.h>
#include <xen/percpu.h>
#include <xen/smp.h>
#include <xen/spinlock.h>
#include <xen/types.h>

struct domain;
struct vcpu;

/* The state of a guest is nowhere but where it belongs. */
#define sync_local_execstate() ((void)0)
#define sync_vcpu_execstate(vcpu) ((void)(vcpu))

#endif /* __XEN_SCHED_H__ */
