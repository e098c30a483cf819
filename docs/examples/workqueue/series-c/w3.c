/*
 * Deferred work: functions that are to run once, soon, in a softirq of a
 * chosen CPU.
 *
 * Who sets WORK_PENDING of a work owns it: nobody else puts it on a list
 * before the bit is clear again.
 *
 * The list of each CPU has a lock, which protects also who is on it; only
 * its own CPU puts works there.
 */

#include <xen/cpu.h>
#include <xen/notifier.h>
#include <xen/smp.h>
#include <xen/softirq.h>
#include <xen/spinlock.h>
#include "workqueue.h"

#define WORK_SOFTIRQ (RCU_SOFTIRQ + 1)

static DEFINE_PER_CPU(spinlock_t, work_lock);
static DEFINE_PER_CPU(struct list_head, work_list);

static spinlock_t *lock_of(unsigned int cpu)
{
    return &per_cpu(work_lock, cpu);
}

void init_work(struct work *work, void (*func)(unsigned long), unsigned long data)
{
    INIT_LIST_HEAD(&work->list);
    write_atomic(&work->state, 0);
    write_atomic(&work->on, NOWHERE);
    write_atomic(&work->running_on, NOWHERE);
    work->func = func;
    work->data = data;
}

/* Put a work on a list; if @again, only if it still runs there. */
static bool insert(unsigned int cpu, struct work *work, bool again)
{
    unsigned long flags;
    bool fits;

    spin_lock_irqsave(lock_of(cpu), flags);
    fits = !again || read_atomic(&work->running_on) == cpu;
    if ( fits )
    {
        list_add_tail(&work->list, &per_cpu(work_list, cpu));
        write_atomic(&work->on, cpu);
    }
    spin_unlock_irqrestore(lock_of(cpu), flags);

    if ( fits )
        cpu_raise_softirq(cpu, WORK_SOFTIRQ);
    return fits;
}

/* The handler of the interrupt: put a work on this CPU's list. */
static void arrived(void *work)
{
    insert(smp_processor_id(), work, false);
}

/* Have a CPU put a work on its own list. */
static void send(unsigned int cpu, struct work *work)
{
    if ( cpu == smp_processor_id() )
        insert(cpu, work, false);
    else
        on_selected_cpus(cpumask_of(cpu), arrived, work, 0);
}

bool queue_work_on(unsigned int cpu, struct work *work)
{
    int running;

    if ( test_and_set_bit(WORK_PENDING, &work->state) )
        return false;

    /* Where it runs, it comes again: so it never runs twice at a time. */
    running = read_atomic(&work->running_on);
    if ( running == NOWHERE || !insert(running, work, true) )
        send(cpu, work);
    return true;
}

static void run_works(void)
{
    unsigned int cpu = smp_processor_id();
    spinlock_t *lock = lock_of(cpu);
    struct list_head *list = &per_cpu(work_list, cpu);

    spin_lock_irq(lock);
    while ( !list_empty(list) )
    {
        struct work *work = list_first_entry(list, struct work, list);
        void (*func)(unsigned long);
        unsigned long data;

        list_del_init(&work->list);
        write_atomic(&work->on, NOWHERE);
        write_atomic(&work->running_on, cpu);
        func = work->func;
        data = work->data;
        test_and_clear_bit(WORK_PENDING, &work->state);
        spin_unlock_irq(lock);

        func(data);

        spin_lock_irq(lock);
        smp_store_release(&work->running_on, NOWHERE);
    }
    spin_unlock_irq(lock);
}

void flush_work(struct work *work)
{
    while ( smp_load_acquire(&work->state) != 0 ||
            smp_load_acquire(&work->running_on) != NOWHERE )
    {
        process_pending_softirqs();
        cpu_relax();
    }
}

/* Take a work off a list, if it is on that one. */
static bool remove(unsigned int cpu, struct work *work)
{
    unsigned long flags;
    bool there;

    spin_lock_irqsave(lock_of(cpu), flags);
    there = read_atomic(&work->on) == cpu;
    if ( there )
    {
        list_del_init(&work->list);
        write_atomic(&work->on, NOWHERE);
    }
    spin_unlock_irqrestore(lock_of(cpu), flags);
    return there;
}

/*
 * Get hold of WORK_PENDING, and take the work off its list; whether it was
 * on one.
 */
static bool grab(struct work *work)
{
    while ( test_and_set_bit(WORK_PENDING, &work->state) )
    {
        int cpu = read_atomic(&work->on);

        if ( cpu != NOWHERE && remove(cpu, work) )
            return true;
        /*
         * It is on its way to a list, and interrupts are on where it
         * arrives; or somebody is about to run it.
         */
        cpu_relax();
    }
    return false;
}

bool cancel_work_sync(struct work *work)
{
    bool queued = grab(work);

    while ( smp_load_acquire(&work->running_on) != NOWHERE )
        cpu_relax();
    test_and_clear_bit(WORK_PENDING, &work->state);
    return queued;
}

static int cpu_callback(struct notifier_block *nfb, unsigned long action, void *hcpu)
{
    unsigned int cpu = (unsigned long)hcpu;

    spin_lock_init(&per_cpu(work_lock, cpu));
    INIT_LIST_HEAD(&per_cpu(work_list, cpu));
    return NOTIFY_DONE;
}

static struct notifier_block cpu_nfb = {
    .notifier_call = cpu_callback,
};

void workqueue_init(void)
{
    cpu_callback(&cpu_nfb, CPU_UP_PREPARE, (void *)(unsigned long)smp_processor_id());
    register_cpu_notifier(&cpu_nfb);
    open_softirq(WORK_SOFTIRQ, run_works);
}
