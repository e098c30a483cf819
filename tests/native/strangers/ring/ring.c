/*
 * Tasklets in rings: an array for each kind on each CPU, a bitmap of the CPUs
 * that take part, and a lock with the rings of each CPU. Which CPU's lock
 * protects a tasklet is in the tasklet; it changes with both locks held, the
 * one of the lower number taken first.
 */
#include <xen/config.h>
#include <xen/init.h>
#include <xen/cpu.h>
#include <xen/lib.h>
#include <xen/smp.h>
#include <xen/softirq.h>
#include <xen/spinlock.h>
#include <xen/tasklet.h>
#include "slots.h"

#define RING_SOFTIRQ (RCU_SOFTIRQ + 1)

enum { IDLE_RING, SOFTIRQ_RING, RINGS };

struct rings
{
    spinlock_t lock;
    struct slots ring[RINGS];
};

DEFINE_PER_CPU(unsigned long, tasklet_work_to_do);
static DEFINE_PER_CPU(struct rings, rings);
static DECLARE_BITMAP(taking_part, NR_CPUS);

/* Who has those that have never been anywhere. */
static unsigned int __read_mostly boot_cpu;

#define FLAG(name) (1u << _T_##name)

static struct slots *ring_for(const struct tasklet *t, unsigned int cpu)
{
    return &per_cpu(rings, cpu).ring[t->flags & FLAG(SOFTIRQ)
                                     ? SOFTIRQ_RING : IDLE_RING];
}

static void lock_both(unsigned int a, unsigned int b)
{
    spin_lock(&per_cpu(rings, min(a, b)).lock);
    if ( a != b )
        spin_lock(&per_cpu(rings, max(a, b)).lock);
}

static void unlock_both(unsigned int a, unsigned int b)
{
    if ( a != b )
        spin_unlock(&per_cpu(rings, max(a, b)).lock);
    spin_unlock(&per_cpu(rings, min(a, b)).lock);
}

/* Take the locks of the CPU that has @t, and of @cpu; interrupts are off. */
static unsigned int lock_tasklet(struct tasklet *t, unsigned int cpu)
{
    for ( ; ; )
    {
        unsigned int owner = read_atomic(&t->on_cpu);
        unsigned int home = owner == NOWHERE ? boot_cpu : owner;

        lock_both(home, cpu);
        if ( read_atomic(&t->on_cpu) == owner )
            return home;
        unlock_both(home, cpu);
    }
}

static void put(struct tasklet *t, unsigned int cpu)
{
    int slot = slots_put(ring_for(t, cpu), t);

    BUG_ON(slot < 0);
    t->slot = slot;
    t->flags |= FLAG(QUEUED);
    write_atomic(&t->on_cpu, cpu);

    if ( t->flags & FLAG(SOFTIRQ) )
        cpu_raise_softirq(cpu, RING_SOFTIRQ);
    else if ( !test_and_set_bit(0, &per_cpu(tasklet_work_to_do, cpu)) )
        cpu_raise_softirq(cpu, SCHEDULE_SOFTIRQ);
}

static void take_out(struct tasklet *t)
{
    slots_clear(ring_for(t, t->on_cpu), t->slot);
    t->slot = -1;
    t->flags &= ~FLAG(QUEUED);
}

void tasklet_schedule_on_cpu(struct tasklet *t, unsigned int cpu)
{
    unsigned long flags;
    unsigned int owner;

    if ( !test_bit(cpu, taking_part) )
        cpu = smp_processor_id();
    if ( !test_bit(cpu, taking_part) )
        return; /* before we are set up */

    local_irq_save(flags);
    owner = lock_tasklet(t, cpu);

    if ( t->flags & FLAG(RUNNING) && !(t->flags & FLAG(DEAD)) )
    {
        t->flags |= FLAG(AGAIN);
        t->again_on = cpu;
    }
    else if ( !(t->flags & (FLAG(DEAD) | FLAG(QUEUED))) )
        put(t, cpu);

    unlock_both(owner, cpu);
    local_irq_restore(flags);
}

void tasklet_schedule(struct tasklet *t)
{
    tasklet_schedule_on_cpu(t, smp_processor_id());
}

/* Queue @t, which has run here and is in no ring, where it was asked to run. */
static void move(struct tasklet *t)
{
    unsigned int cpu = t->again_on, here = smp_processor_id();

    if ( !test_bit(cpu, taking_part) )
        cpu = here;

    local_irq_disable();
    lock_both(here, cpu);
    t->flags &= ~(FLAG(RUNNING) | FLAG(AGAIN));
    if ( !(t->flags & FLAG(DEAD)) )
        put(t, cpu);
    unlock_both(here, cpu);
    local_irq_enable();
}

static bool_t work(unsigned int which)
{
    struct rings *mine = &this_cpu(rings);
    struct slots *s = &mine->ring[which];
    struct tasklet *t, *again = NULL;
    bool_t more;

    spin_lock_irq(&mine->lock);
    if ( !slots_empty(s) )
    {
        t = slots_get(s);
        t->slot = -1;
        t->flags = (t->flags & ~FLAG(QUEUED)) | FLAG(RUNNING);
        spin_unlock_irq(&mine->lock);

        t->func(t->data);

        spin_lock_irq(&mine->lock);
        if ( t->flags & FLAG(AGAIN) )
        {
            t->flags &= ~FLAG(AGAIN);
            again = t; /* still running, until it has its place */
        }
        else
            t->flags &= ~FLAG(RUNNING);
    }
    more = !slots_empty(s);
    if ( !more && which == IDLE_RING )
    {
        clear_bit(0, &this_cpu(tasklet_work_to_do));
        raise_softirq(SCHEDULE_SOFTIRQ);
    }
    spin_unlock_irq(&mine->lock);

    if ( again )
        move(again);

    return more;
}

static void ring_softirq(void)
{
    if ( work(SOFTIRQ_RING) )
        raise_softirq(RING_SOFTIRQ);
}

void do_tasklet(void)
{
    if ( read_atomic(&this_cpu(tasklet_work_to_do)) == 3 )
        work(IDLE_RING);
}

void tasklet_kill(struct tasklet *t)
{
    unsigned long flags;
    bool_t running;

    do {
        unsigned int owner, here = smp_processor_id();

        local_irq_save(flags);
        owner = lock_tasklet(t, here);
        if ( t->flags & FLAG(QUEUED) )
            take_out(t);
        t->flags = (t->flags | FLAG(DEAD)) & ~FLAG(AGAIN);
        running = !!(t->flags & FLAG(RUNNING));
        unlock_both(owner, here);
        local_irq_restore(flags);

        if ( running )
            cpu_relax();
    } while ( running );
}

static void init(struct tasklet *t, uint8_t kind,
                 void (*func)(unsigned long), unsigned long data)
{
    memset(t, 0, sizeof(*t));
    t->flags = kind;
    t->slot = -1;
    t->on_cpu = smp_processor_id();
    t->func = func;
    t->data = data;
}

void tasklet_init(
    struct tasklet *t, void (*func)(unsigned long), unsigned long data)
{
    init(t, 0, func, data);
}

void softirq_tasklet_init(
    struct tasklet *t, void (*func)(unsigned long), unsigned long data)
{
    init(t, FLAG(SOFTIRQ), func, data);
}

static void leave(unsigned int cpu)
{
    unsigned int here = smp_processor_id(), which;
    unsigned long flags;

    clear_bit(cpu, taking_part);
    local_irq_save(flags);
    lock_both(cpu, here);
    for ( which = 0; which < RINGS; which++ )
    {
        struct slots *s = &per_cpu(rings, cpu).ring[which];

        while ( !slots_empty(s) )
            put(slots_get(s), here);
    }
    unlock_both(cpu, here);
    local_irq_restore(flags);
}

static int ring_callback(
    struct notifier_block *nfb, unsigned long action, void *hcpu)
{
    unsigned int cpu = (unsigned long)hcpu;

    switch ( action )
    {
    case CPU_UP_PREPARE:
        spin_lock_init(&per_cpu(rings, cpu).lock);
        memset(per_cpu(rings, cpu).ring, 0, sizeof(per_cpu(rings, cpu).ring));
        set_bit(cpu, taking_part);
        break;
    case CPU_UP_CANCELED:
    case CPU_DEAD:
        leave(cpu);
        break;
    }

    return NOTIFY_DONE;
}

static struct notifier_block ring_nfb = { .notifier_call = ring_callback };

void __init tasklet_subsys_init(void)
{
    boot_cpu = smp_processor_id();
    ring_callback(&ring_nfb, CPU_UP_PREPARE,
                  (void *)(unsigned long)smp_processor_id());
    register_cpu_notifier(&ring_nfb);
    open_softirq(RING_SOFTIRQ, ring_softirq);
}
