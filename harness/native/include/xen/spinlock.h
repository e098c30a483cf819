/* Locks. Spinlocks are the machine's; locks for readers and writers are a word and loops. */
#ifndef __XEN_SPINLOCK_H__
#define __XEN_SPINLOCK_H__

#include <xen/bug.h>
#include <xen/compiler.h>
#include <xen/config.h>
#include <xen/system.h>
#include <xen/types.h>

typedef struct spinlock {
    unsigned int held;
} spinlock_t;
typedef spinlock_t raw_spinlock_t;

#define SPIN_LOCK_UNLOCKED { 0 }
#define __SPIN_LOCK_UNLOCKED(name) { 0 }
#define DEFINE_SPINLOCK(name) spinlock_t name = SPIN_LOCK_UNLOCKED
#define DEFINE_RAW_SPINLOCK(name) DEFINE_SPINLOCK(name)

static always_inline void spin_lock_init(spinlock_t *lock) { lock->held = 0; }

static always_inline void spin_lock(spinlock_t *lock) { machine_call1(MACHINE_SPIN_LOCK, lock); }
static always_inline void spin_unlock(spinlock_t *lock) { machine_call1(MACHINE_SPIN_UNLOCK, lock); }
static always_inline void spin_lock_irq(spinlock_t *lock) { machine_call1(MACHINE_SPIN_LOCK_IRQ, lock); }
static always_inline void spin_unlock_irq(spinlock_t *lock) { machine_call1(MACHINE_SPIN_UNLOCK_IRQ, lock); }
static always_inline unsigned long _spin_lock_irqsave(spinlock_t *lock) { return machine_call1(MACHINE_SPIN_LOCK_IRQSAVE, lock); }
static always_inline void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags)
{
    machine_call2(MACHINE_SPIN_UNLOCK_IRQRESTORE, lock, flags);
}
static always_inline int spin_trylock(spinlock_t *lock) { return !!machine_call1(MACHINE_SPIN_TRYLOCK, lock); }
static always_inline int spin_is_locked(spinlock_t *lock) { return !!machine_call1(MACHINE_SPIN_IS_LOCKED, lock); }

#define spin_lock_irqsave(lock, flags) ((void)((flags) = _spin_lock_irqsave(lock)))
#define spin_trylock_irqsave(lock, flags) \
    ({ local_irq_save(flags); spin_trylock(lock) || (({ local_irq_restore(flags); }), 0); })
#define spin_trylock_irq(lock) \
    ({ local_irq_disable(); spin_trylock(lock) || (({ local_irq_enable(); }), 0); })

/* Softirqs do not come in on top of what runs. */
#define spin_lock_bh(lock)   spin_lock(lock)
#define spin_unlock_bh(lock) spin_unlock(lock)
#define spin_lock_nested(lock, class) spin_lock(lock)

/* Waits until whoever has the lock now has released it. */
static always_inline void spin_barrier(spinlock_t *lock)
{
    while ( spin_is_locked(lock) )
        cpu_relax();
    smp_mb();
}
#define spin_unlock_wait(lock) spin_barrier(lock)

#define raw_spin_lock_init(lock)              spin_lock_init(lock)
#define raw_spin_lock(lock)                   spin_lock(lock)
#define raw_spin_unlock(lock)                 spin_unlock(lock)
#define raw_spin_trylock(lock)                spin_trylock(lock)
#define raw_spin_lock_irq(lock)               spin_lock_irq(lock)
#define raw_spin_unlock_irq(lock)             spin_unlock_irq(lock)
#define raw_spin_lock_irqsave(lock, flags)    spin_lock_irqsave(lock, flags)
#define raw_spin_unlock_irqrestore(lock, flags) spin_unlock_irqrestore(lock, flags)
#define assert_spin_locked(lock) ASSERT(spin_is_locked(lock))
#define lockdep_assert_held(lock) ((void)(lock))

/* Readers, counted, run together; a writer, who is a bit, runs alone. */

typedef struct rwlock {
    unsigned int word;
} rwlock_t;

#define RW_WRITER (1u << 31)
#define RW_LOCK_UNLOCKED { 0 }
#define DEFINE_RWLOCK(name) rwlock_t name = RW_LOCK_UNLOCKED

static always_inline void rwlock_init(rwlock_t *lock) { lock->word = 0; }

static always_inline int read_trylock(rwlock_t *lock)
{
    unsigned int found = read_atomic(&lock->word), before;

    while ( !(found & RW_WRITER) )
    {
        before = cmpxchg(&lock->word, found, found + 1);
        if ( before == found )
            return 1;
        found = before;
    }
    return 0;
}

static always_inline int write_trylock(rwlock_t *lock)
{
    return read_atomic(&lock->word) == 0 && cmpxchg(&lock->word, 0, RW_WRITER) == 0;
}

static always_inline void read_lock(rwlock_t *lock)
{
    while ( !read_trylock(lock) )
        cpu_relax();
}

static always_inline void write_lock(rwlock_t *lock)
{
    while ( !write_trylock(lock) )
        cpu_relax();
}

static always_inline void read_unlock(rwlock_t *lock)
{
    unsigned int found = __atomic_fetch_sub(&lock->word, 1, __ATOMIC_RELEASE);

    if ( unlikely(!found || (found & RW_WRITER)) )
        machine_bug("read_unlock() of a lock that no reader holds");
}

static always_inline void write_unlock(rwlock_t *lock)
{
    if ( unlikely(read_atomic(&lock->word) != RW_WRITER) )
        machine_bug("write_unlock() of a lock that no writer holds");
    smp_store_release(&lock->word, 0);
}

/* Interrupts are as before between attempts. */
#define MACHINE_LOCK_WITHOUT_IRQS(what) \
static always_inline void what##_lock_irq(rwlock_t *lock) \
{ \
    for ( local_irq_disable(); !what##_trylock(lock); local_irq_disable() ) \
    { \
        local_irq_enable(); \
        cpu_relax(); \
    } \
} \
static always_inline unsigned long _##what##_lock_irqsave(rwlock_t *lock) \
{ \
    unsigned long flags; \
\
    for ( local_irq_save(flags); !what##_trylock(lock); local_irq_disable() ) \
    { \
        local_irq_restore(flags); \
        cpu_relax(); \
    } \
    return flags; \
} \
static always_inline void what##_unlock_irq(rwlock_t *lock) \
{ \
    what##_unlock(lock); \
    local_irq_enable(); \
} \
static always_inline void what##_unlock_irqrestore(rwlock_t *lock, unsigned long flags) \
{ \
    what##_unlock(lock); \
    local_irq_restore(flags); \
}

MACHINE_LOCK_WITHOUT_IRQS(read)
MACHINE_LOCK_WITHOUT_IRQS(write)

#define read_lock_irqsave(lock, flags)  ((void)((flags) = _read_lock_irqsave(lock)))
#define write_lock_irqsave(lock, flags) ((void)((flags) = _write_lock_irqsave(lock)))

static always_inline int rw_is_locked(rwlock_t *lock) { return read_atomic(&lock->word) != 0; }
static always_inline int rw_is_write_locked(rwlock_t *lock) { return !!(read_atomic(&lock->word) & RW_WRITER); }

#endif /* __XEN_SPINLOCK_H__ */
