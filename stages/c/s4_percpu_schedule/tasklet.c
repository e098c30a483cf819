/*
 * Tasklets: functions that are to run once, soon, on some CPU.
 *
 * Locking
 *  The softirq_list and tasklet_list of a CPU that is online belong to that
 *  CPU, which touches them with interrupts off.  A CPU goes offline in an
 *  interrupt of its own, so never within such a section; each section looks
 *  whether it has.  "Enqueued" is cleared only where the CPU has seen, in the
 *  same section, that it has nothing in its tasklet_list.
 *  The state word of a tasklet, changed atomically, says who may touch the
 *  rest of it.  Nobody spins while another CPU runs a tasklet, except in
 *  tasklet_kill(), which asks the CPU that has its victim queued to unlink it
 *  in an interrupt.
 *
 *  One global feeder_lock, taken with interrupts off, protects all feeder
 *  lists, and the lists of CPUs that are offline.  Whoever queues a tasklet
 *  on another CPU changes its state, links it and writes tasklet_fed (the
 *  sign for that CPU to take the lock at all) in one critical section.  Local
 *  scheduling and running take no lock.
 *
 *  A function runs with interrupts on and without a lock.
 *
 * The state word: SCHED, RUN, DEAD, and above them the CPU that it is
 * scheduled on
 *
 *           schedule(c)            take            schedule(c)
 *      idle -----------> SCHED,c -------> RUN --------------> RUN,SCHED,c
 *       ^                  |  ^           | |                     | |
 *       |                  |  +-----------|-|------- finish ------+ |
 *       +----------------- | --- finish --+ |                       |
 *                          | kill           | kill             kill |
 *                          v                v                       v
 *                     SCHED,c,DEAD       RUN,DEAD           RUN,SCHED,c,DEAD
 *                          | discard        | finish                | finish
 *                          +----> DEAD <----+-----------------------+
 *
 *  "Queued" is SCHED without RUN; it has FED as well while it is on the
 *  feeder list of that CPU.  DEAD never goes away, and nothing schedules a
 *  dead tasklet.  Only its kill takes SCHED from one that is queued, here or
 *  in an interrupt on the CPU that has it; take(), or the migration from a
 *  dead CPU, may have unlinked it before.  A second schedule of a queued
 *  tasklet changes nothing, but is as much of a barrier as the first.
 */

#include <xen/config.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/cpu.h>
#include <xen/notifier.h>
#include <xen/smp.h>
#include <xen/softirq.h>
#include <xen/spinlock.h>
#include <xen/tasklet.h>

#define TASKLET_SOFTIRQ (RCU_SOFTIRQ + 1)

/* The state word. */
enum {
    SCHED = 1 << 0,
    RUN   = 1 << 1,
    DEAD  = 1 << 2,
    FED   = 1 << 3,
};
#define CPU_SHIFT 8

DEFINE_PER_CPU(unsigned long, tasklet_work_to_do);

/* Set once at boot, before a second CPU is up. */
static bool_t __read_mostly tasklets_initialised;

static DEFINE_PER_CPU(struct list_head, tasklet_list);
static DEFINE_PER_CPU(struct list_head, softirq_list);

static DEFINE_SPINLOCK(feeder_lock);
static DEFINE_PER_CPU(struct list_head, tasklet_feeder);
static DEFINE_PER_CPU(unsigned long, tasklet_fed);

/* The state of a tasklet that is queued on @cpu, on one of its own lists. */
static inline unsigned long sched_on(unsigned int cpu)
{
    return SCHED | (unsigned long)cpu << CPU_SHIFT;
}

static inline bool_t is_queued(unsigned long state)
{
    return (state & (SCHED | RUN)) == SCHED;
}

/* Scheduling. */

/*
 * Append @t, which is queued on this CPU, to the list of its kind; the
 * scheduler looks at one of them.  Interrupts are off.
 */
static void link(struct tasklet *t, unsigned int cpu)
{
    if ( t->is_softirq )
        list_add_tail(&t->list, &per_cpu(softirq_list, cpu));
    else
    {
        list_add_tail(&t->list, &per_cpu(tasklet_list, cpu));
        if ( !test_and_set_bit(_TASKLET_enqueued,
                               &per_cpu(tasklet_work_to_do, cpu)) )
            raise_softirq(SCHEDULE_SOFTIRQ);
    }
}

/*
 * As queue(), on another CPU; if that is offline, on this one, which leaves
 * it to the notifier if it goes the same way.
 */
static bool_t feed(struct tasklet *t, unsigned long state, unsigned int cpu)
{
    unsigned long flags;
    bool_t queued;

    spin_lock_irqsave(&feeder_lock, flags);

    if ( !cpu_online(cpu) )
        cpu = smp_processor_id();

    queued = cmpxchg(&t->state, state, FED | sched_on(cpu)) == state;
    if ( queued )
    {
        list_add_tail(&t->list, &per_cpu(tasklet_feeder, cpu));
        write_atomic(&per_cpu(tasklet_fed, cpu), 1);
        cpu_raise_softirq(cpu, TASKLET_SOFTIRQ);
    }

    spin_unlock_irqrestore(&feeder_lock, flags);

    return queued;
}

/*
 * Move @t from @state to queued on @cpu, state and list together.  Returns 0
 * if the state has changed meanwhile.
 */
static bool_t queue(struct tasklet *t, unsigned long state, unsigned int cpu)
{
    unsigned long flags;
    bool_t queued;

    if ( cpu != smp_processor_id() )
        return feed(t, state, cpu);

    local_irq_save(flags);

    if ( !cpu_online(cpu) )
        queued = feed(t, state, cpu);
    else
    {
        queued = cmpxchg(&t->state, state, sched_on(cpu)) == state;
        if ( queued )
        {
            link(t, cpu);
            if ( t->is_softirq )
                raise_softirq(TASKLET_SOFTIRQ);
        }
    }

    local_irq_restore(flags);

    return queued;
}

/*
 * Queue an idle tasklet on @cpu; leave a note on one that runs; nothing for
 * one that is queued or dead.
 */
void tasklet_schedule_on_cpu(struct tasklet *t, unsigned int cpu)
{
    unsigned long state;

    BUG_ON(!t->is_percpu);

    if ( !tasklets_initialised )
        return;

    for ( ; ; )
    {
        /*
         * A read that is a full barrier, whatever it finds: what the caller
         * has written is seen by the run that is to come, also where nothing
         * is left to do here.  With a mere read, that could still be in the
         * store buffer when the run has begun.
         */
        state = fetch_or(&t->state, 0);

        if ( (state & DEAD) || is_queued(state) )
            return;

        if ( state & RUN )
        {
            if ( cmpxchg(&t->state, state, RUN | sched_on(cpu)) == state )
                return;
        }
        else if ( queue(t, state, cpu) )
            return;
    }
}

void tasklet_schedule(struct tasklet *t)
{
    tasklet_schedule_on_cpu(t, smp_processor_id());
}

/* Running. */

/* Move what other CPUs have fed to this one to its own list. */
static void take_feed(void)
{
    unsigned int cpu = smp_processor_id();
    struct tasklet *t, *next;
    unsigned long flags;

    /*
     * On ARM, to clear the bit of the softirq orders nothing: this could
     * still read what was there before the feed (asked-elsewhere-busy).
     */
    smp_rmb();
    if ( !read_atomic(&per_cpu(tasklet_fed, cpu)) )
        return;

    spin_lock_irqsave(&feeder_lock, flags);

    write_atomic(&per_cpu(tasklet_fed, cpu), 0);
    list_for_each_entry_safe ( t, next, &per_cpu(tasklet_feeder, cpu), list )
    {
        list_del(&t->list);
        fetch_and(&t->state, ~FED);
        link(t, cpu);
    }

    spin_unlock_irqrestore(&feeder_lock, flags);
}

/*
 * Tell whether there is something in this CPU's @list; if it is offline, that
 * is its concern no more.  Interrupts are off.
 */
static bool_t has_work(const struct list_head *list)
{
    return cpu_online(smp_processor_id()) && !list_empty(list);
}

/*
 * Unlink the first tasklet of this CPU's @list and mark it running.  Returns
 * NULL if there is none, or a dead one.  Interrupts are off.
 */
static struct tasklet *take(struct list_head *list)
{
    unsigned long queued = sched_on(smp_processor_id());
    struct tasklet *t;

    if ( !has_work(list) )
        return NULL;

    t = list_first_entry(list, struct tasklet, list);
    list_del_init(&t->list);

    if ( cmpxchg(&t->state, queued, RUN) == queued )
        return t;

    /* Dead; the rest is up to its kill. */
    return NULL;
}

/*
 * The function has returned: queue @t again if somebody has scheduled it
 * meanwhile.
 */
static void finish(struct tasklet *t)
{
    unsigned long state;

    for ( ; ; )
    {
        state = read_atomic(&t->state);

        if ( (state & SCHED) && !(state & DEAD) )
        {
            if ( queue(t, state, state >> CPU_SHIFT) )
                return;
        }
        else if ( cmpxchg(&t->state, state, state & DEAD) == state )
            return;
    }
}

/*
 * Run the first tasklet of this CPU's @list.  Interrupts are off before and
 * after, but not while it runs.
 */
static void do_tasklet_work(struct list_head *list)
{
    struct tasklet *t = take(list);

    local_irq_enable();

    if ( t )
    {
        t->func(t->data);
        finish(t);
    }

    local_irq_disable();
}

void do_tasklet(void)
{
    unsigned int cpu = smp_processor_id();
    unsigned long *work_to_do = &per_cpu(tasklet_work_to_do, cpu);
    struct list_head *list = &per_cpu(tasklet_list, cpu);

    if ( read_atomic(work_to_do) != (TASKLET_enqueued | TASKLET_scheduled) )
        return;

    local_irq_disable();

    do_tasklet_work(list);

    if ( !has_work(list) )
    {
        clear_bit(_TASKLET_enqueued, work_to_do);
        raise_softirq(SCHEDULE_SOFTIRQ);
    }

    local_irq_enable();
}

static void tasklet_softirq_action(void)
{
    struct list_head *list = &this_cpu(softirq_list);

    take_feed();

    local_irq_disable();

    do_tasklet_work(list);

    if ( has_work(list) )
        raise_softirq(TASKLET_SOFTIRQ);

    local_irq_enable();
}

/* Killing. */

/*
 * Unlink a tasklet that is dead and queued, if nobody has; its list is the
 * caller's to touch.  Interrupts are off.
 */
static void discard(void *tasklet)
{
    struct tasklet *t = tasklet;

    list_del_init(&t->list);
    fetch_and(&t->state, DEAD);
}

/*
 * Mark @t dead; if it is queued, unlink it, unless only another CPU may touch
 * that list.  Returns the state.
 */
static unsigned long cancel(struct tasklet *t)
{
    unsigned long flags, state;
    unsigned int cpu;

    spin_lock_irqsave(&feeder_lock, flags);

    state = fetch_or(&t->state, DEAD) | DEAD;
    cpu = state >> CPU_SHIFT;

    if ( is_queued(state) &&
         ((state & FED) || cpu == smp_processor_id() || !cpu_online(cpu)) )
    {
        discard(t);
        state = DEAD;
    }

    spin_unlock_irqrestore(&feeder_lock, flags);

    return state;
}

void tasklet_kill(struct tasklet *t)
{
    unsigned long state;

    /*
     * Needs no more of that CPU than that it takes interrupts.  If it goes
     * offline before that, the next turn finds it so.
     */
    while ( is_queued(state = cancel(t)) )
        on_selected_cpus(cpumask_of(state >> CPU_SHIFT), discard, t, 1);

    while ( state & RUN )
    {
        cpu_relax();
        state = read_atomic(&t->state);
    }

    /*
     * On ARM, what the last run has written could be missed by whoever has
     * killed it otherwise (seen-by-its-killer).
     */
    smp_rmb();
}

/* Making tasklets. */

void tasklet_init(
    struct tasklet *t, void (*func)(unsigned long), unsigned long data)
{
    INIT_LIST_HEAD(&t->list);
    write_atomic(&t->state, 0);
    t->is_percpu = 1;
    t->is_softirq = 0;
    t->func = func;
    t->data = data;
}

void softirq_tasklet_init(
    struct tasklet *t, void (*func)(unsigned long), unsigned long data)
{
    tasklet_init(t, func, data);
    t->is_softirq = 1;
}

/* Boot and hotplug. */

/*
 * Queue on this CPU a tasklet that was queued on a dead one, unless it was
 * killed.  The lock is held.
 */
static void move_here(struct tasklet *t)
{
    if ( read_atomic(&t->state) & DEAD )
        return;

    xchg(&t->state, sched_on(smp_processor_id()));
    link(t, smp_processor_id());
    if ( t->is_softirq )
        raise_softirq(TASKLET_SOFTIRQ);
}

/* Queue on this CPU what a dead CPU has left in @list. */
static void migrate_percpu_tasklets(struct list_head *list)
{
    unsigned long flags;
    struct tasklet *t;

    spin_lock_irqsave(&feeder_lock, flags);

    while ( !list_empty(list) )
    {
        t = list_first_entry(list, struct tasklet, list);
        list_del_init(&t->list);
        move_here(t);
    }

    spin_unlock_irqrestore(&feeder_lock, flags);
}

static int cpu_callback(
    struct notifier_block *nfb, unsigned long action, void *hcpu)
{
    unsigned int cpu = (unsigned long)hcpu;

    switch ( action )
    {
    case CPU_UP_PREPARE:
        INIT_LIST_HEAD(&per_cpu(tasklet_list, cpu));
        INIT_LIST_HEAD(&per_cpu(softirq_list, cpu));
        INIT_LIST_HEAD(&per_cpu(tasklet_feeder, cpu));
        break;

    case CPU_UP_CANCELED:
    case CPU_DEAD:
        migrate_percpu_tasklets(&per_cpu(tasklet_list, cpu));
        migrate_percpu_tasklets(&per_cpu(softirq_list, cpu));
        migrate_percpu_tasklets(&per_cpu(tasklet_feeder, cpu));
        break;
    }

    return NOTIFY_DONE;
}

static struct notifier_block cpu_nfb = {
    .notifier_call = cpu_callback,
};

void __init tasklet_subsys_init(void)
{
    cpu_callback(&cpu_nfb, CPU_UP_PREPARE,
                 (void *)(unsigned long)smp_processor_id());
    register_cpu_notifier(&cpu_nfb);
    open_softirq(TASKLET_SOFTIRQ, tasklet_softirq_action);
    tasklets_initialised = 1;
}
