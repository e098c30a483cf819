/*
 * Tasklets: functions that are to run once, soon, on some CPU.
 *
 * Locking
 *  tasklet_lock, taken with interrupts off, protects every field and every
 *  list of the tasklets.
 *
 *  A function runs with interrupts on and without a lock.
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

DEFINE_PER_CPU(unsigned long, tasklet_work_to_do);

/* Set once at boot, before a second CPU is up. */
static bool_t __read_mostly tasklets_initialised;

static DEFINE_SPINLOCK(tasklet_lock);
static DEFINE_PER_CPU(struct list_head, tasklet_list);
static DEFINE_PER_CPU(struct list_head, softirq_tasklet_list);

/* Scheduling. */

/* Append @t to the list of the CPU it is scheduled on.  The lock is held. */
static void tasklet_enqueue(struct tasklet *t)
{
    unsigned int cpu = t->scheduled_on;

    if ( t->is_softirq )
    {
        struct list_head *list = &per_cpu(softirq_tasklet_list, cpu);
        bool_t was_empty = list_empty(list);

        list_add_tail(&t->list, list);
        if ( was_empty )
            cpu_raise_softirq(cpu, TASKLET_SOFTIRQ);
    }
    else
    {
        list_add_tail(&t->list, &per_cpu(tasklet_list, cpu));
        if ( !test_and_set_bit(_TASKLET_enqueued,
                               &per_cpu(tasklet_work_to_do, cpu)) )
            cpu_raise_softirq(cpu, SCHEDULE_SOFTIRQ);
    }
}

void tasklet_schedule_on_cpu(struct tasklet *t, unsigned int cpu)
{
    unsigned long flags;

    spin_lock_irqsave(&tasklet_lock, flags);

    if ( tasklets_initialised && !t->is_dead )
    {
        t->scheduled_on = cpu;
        if ( !t->is_running )
        {
            list_del_init(&t->list);
            tasklet_enqueue(t);
        }
    }

    spin_unlock_irqrestore(&tasklet_lock, flags);
}

void tasklet_schedule(struct tasklet *t)
{
    tasklet_schedule_on_cpu(t, smp_processor_id());
}

/* Running. */

/*
 * Run the first tasklet of this CPU's @list.  The lock is held before and
 * after, but not while it runs.
 */
static void do_tasklet_work(struct list_head *list)
{
    unsigned int cpu = smp_processor_id();
    struct tasklet *t;

    if ( list_empty(list) || !cpu_online(cpu) )
        return;

    t = list_first_entry(list, struct tasklet, list);
    list_del_init(&t->list);

    BUG_ON(t->is_dead || t->is_running || t->scheduled_on != cpu);
    t->scheduled_on = -1;
    t->is_running = 1;

    spin_unlock_irq(&tasklet_lock);
    t->func(t->data);
    spin_lock_irq(&tasklet_lock);

    t->is_running = 0;

    if ( t->scheduled_on >= 0 )
    {
        BUG_ON(t->is_dead || !list_empty(&t->list));
        tasklet_enqueue(t);
    }
}

void do_tasklet(void)
{
    unsigned int cpu = smp_processor_id();
    unsigned long *work_to_do = &per_cpu(tasklet_work_to_do, cpu);
    struct list_head *list = &per_cpu(tasklet_list, cpu);

    if ( read_atomic(work_to_do) != (TASKLET_enqueued | TASKLET_scheduled) )
        return;

    spin_lock_irq(&tasklet_lock);

    do_tasklet_work(list);

    if ( list_empty(list) )
    {
        clear_bit(_TASKLET_enqueued, work_to_do);
        raise_softirq(SCHEDULE_SOFTIRQ);
    }

    spin_unlock_irq(&tasklet_lock);
}

static void tasklet_softirq_action(void)
{
    struct list_head *list = &this_cpu(softirq_tasklet_list);

    spin_lock_irq(&tasklet_lock);

    do_tasklet_work(list);

    if ( !list_empty(list) )
        raise_softirq(TASKLET_SOFTIRQ);

    spin_unlock_irq(&tasklet_lock);
}

/* Killing. */

void tasklet_kill(struct tasklet *t)
{
    unsigned long flags;

    spin_lock_irqsave(&tasklet_lock, flags);

    if ( !list_empty(&t->list) )
    {
        BUG_ON(t->is_dead || t->is_running || t->scheduled_on < 0);
        list_del_init(&t->list);
    }

    t->scheduled_on = -1;
    t->is_dead = 1;

    while ( t->is_running )
    {
        spin_unlock_irqrestore(&tasklet_lock, flags);
        cpu_relax();
        spin_lock_irqsave(&tasklet_lock, flags);
    }

    spin_unlock_irqrestore(&tasklet_lock, flags);
}

/* Making tasklets. */

void tasklet_init(
    struct tasklet *t, void (*func)(unsigned long), unsigned long data)
{
    INIT_LIST_HEAD(&t->list);
    t->scheduled_on = -1;
    t->is_softirq = 0;
    t->is_running = 0;
    t->is_dead = 0;
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

/* Queue on this CPU what the dead @cpu has left in @list. */
static void migrate_tasklets_from_cpu(unsigned int cpu, struct list_head *list)
{
    unsigned long flags;
    struct tasklet *t;

    spin_lock_irqsave(&tasklet_lock, flags);

    while ( !list_empty(list) )
    {
        t = list_first_entry(list, struct tasklet, list);
        BUG_ON(t->scheduled_on != cpu);
        list_del_init(&t->list);
        t->scheduled_on = smp_processor_id();
        tasklet_enqueue(t);
    }

    spin_unlock_irqrestore(&tasklet_lock, flags);
}

static int cpu_callback(
    struct notifier_block *nfb, unsigned long action, void *hcpu)
{
    unsigned int cpu = (unsigned long)hcpu;

    switch ( action )
    {
    case CPU_UP_PREPARE:
        INIT_LIST_HEAD(&per_cpu(tasklet_list, cpu));
        INIT_LIST_HEAD(&per_cpu(softirq_tasklet_list, cpu));
        break;

    case CPU_UP_CANCELED:
    case CPU_DEAD:
        migrate_tasklets_from_cpu(cpu, &per_cpu(tasklet_list, cpu));
        migrate_tasklets_from_cpu(cpu, &per_cpu(softirq_tasklet_list, cpu));
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
