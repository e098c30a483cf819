/* This CPU: its barriers, its interrupts, and memory that it changes in one step. */
#ifndef __XEN_SYSTEM_H__
#define __XEN_SYSTEM_H__

#include <machine.h>
#include <xen/compiler.h>
#include <xen/config.h>
#include <xen/types.h>

/* A request with no arguments, and with some. */
#define machine_call0(nr)          machine_call(nr, 0, 0, 0, 0)
#define machine_call1(nr, a)       machine_call(nr, (unsigned long)(a), 0, 0, 0)
#define machine_call2(nr, a, b)    machine_call(nr, (unsigned long)(a), (unsigned long)(b), 0, 0)
#define machine_call3(nr, a, b, c) machine_call(nr, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), 0)

/* Barriers. What they order differs from machine to machine. */
#define smp_mb()  ((void)machine_call0(MACHINE_SMP_MB))
#define smp_rmb() ((void)machine_call0(MACHINE_SMP_RMB))
#define smp_wmb() ((void)machine_call0(MACHINE_SMP_WMB))
#define smp_read_barrier_depends() barrier()
#define mb()  smp_mb()
#define rmb() smp_rmb()
#define wmb() smp_wmb()

/* In front of, and behind, an atomic operation that returns nothing: there is no barrier in it but on x86. */
#define smp_mb__before_atomic() ((void)machine_call0(MACHINE_MB_BEFORE_ATOMIC))
#define smp_mb__after_atomic()  ((void)machine_call0(MACHINE_MB_AFTER_ATOMIC))
#define smp_mb__before_atomic_inc() smp_mb__before_atomic()
#define smp_mb__after_atomic_inc()  smp_mb__after_atomic()
#define smp_mb__before_atomic_dec() smp_mb__before_atomic()
#define smp_mb__after_atomic_dec()  smp_mb__after_atomic()
#define smp_mb__before_clear_bit()  smp_mb__before_atomic()
#define smp_mb__after_clear_bit()   smp_mb__after_atomic()

/* A write that is a full barrier. */
#define set_mb(variable, value)        do { WRITE_ONCE(variable, value); smp_mb(); } while ( 0 )
#define smp_store_mb(variable, value)  set_mb(variable, value)
#define set_wmb(variable, value)       do { WRITE_ONCE(variable, value); smp_wmb(); } while ( 0 )

#define smp_load_acquire(pointer)         __atomic_load_n(pointer, __ATOMIC_ACQUIRE)
#define smp_store_release(pointer, value) __atomic_store_n(pointer, value, __ATOMIC_RELEASE)

/* Marked accesses through a pointer, to what a CPU reads and writes in one piece. */
#define machine_one_piece(pointer) \
    _Static_assert(sizeof(*(pointer)) <= sizeof(long) && !(sizeof(*(pointer)) & (sizeof(*(pointer)) - 1)), \
                   "an atomic access needs an object of 1, 2, 4 or 8 bytes")
#define read_atomic(pointer) \
    ({ machine_one_piece(pointer); *(const volatile __typeof__(*(pointer)) *)(pointer); })
#define write_atomic(pointer, value) \
    do { machine_one_piece(pointer); *(volatile __typeof__(*(pointer)) *)(pointer) = (value); } while ( 0 )

/*
 * Atomic operations on any object of 1, 2, 4 or 8 bytes. They return what they have found, and are full barriers: also a cmpxchg() that
 * finds something else than `old`, and a fetch_or() of nothing.
 */
#define cmpxchg(pointer, old, new) \
    ((__typeof__(*(pointer)))__sync_val_compare_and_swap(pointer, (__typeof__(*(pointer)))(old), (__typeof__(*(pointer)))(new)))
#define xchg(pointer, value) \
    ((__typeof__(*(pointer)))__atomic_exchange_n(pointer, (__typeof__(*(pointer)))(value), __ATOMIC_SEQ_CST))
#define cmpxchgptr(pointer, old, new) cmpxchg(pointer, old, new)
#define cmpxchg64(pointer, old, new)  cmpxchg(pointer, old, new)
#define fetch_add(pointer, value) __atomic_fetch_add(pointer, value, __ATOMIC_SEQ_CST)
#define fetch_sub(pointer, value) __atomic_fetch_sub(pointer, value, __ATOMIC_SEQ_CST)
#define fetch_and(pointer, mask)  __atomic_fetch_and(pointer, mask, __ATOMIC_SEQ_CST)
#define fetch_or(pointer, mask)   __atomic_fetch_or(pointer, mask, __ATOMIC_SEQ_CST)
#define fetch_xor(pointer, mask)  __atomic_fetch_xor(pointer, mask, __ATOMIC_SEQ_CST)
#define add_sized(pointer, value) write_atomic(pointer, read_atomic(pointer) + (value))
#define arch_fetch_and_add(pointer, value) fetch_add(pointer, value)

/* Interrupts of this CPU. The flags say whether they were on. */
#define local_irq_disable() ((void)machine_call0(MACHINE_IRQ_DISABLE))
#define local_irq_enable()  ((void)machine_call0(MACHINE_IRQ_ENABLE))
#define local_irq_save(flags)    ((void)((flags) = machine_call0(MACHINE_IRQ_SAVE)))
#define local_irq_restore(flags) ((void)machine_call1(MACHINE_IRQ_RESTORE, flags))
#define local_save_flags(flags)  ((void)((flags) = machine_call0(MACHINE_IRQ_IS_ENABLED)))
#define local_irq_is_enabled()   (!!machine_call0(MACHINE_IRQ_IS_ENABLED))
#define irqs_disabled()          (!local_irq_is_enabled())
#define in_irq()                 (!!machine_call0(MACHINE_IN_IRQ))
#define in_interrupt()           in_irq()

/* A moment's pause in a loop that waits for something to change. */
#define cpu_relax() ((void)machine_call0(MACHINE_CPU_RELAX))

/* A CPU gives itself away only where it waits. */
#define preempt_disable() barrier()
#define preempt_enable()  barrier()

#endif /* __XEN_SYSTEM_H__ */
