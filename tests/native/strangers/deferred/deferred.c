/*
 * Deferred work, with a chain for each kind on each CPU, and one lock for all.
 */
#include <xen/lib.h>
#include <xen/bitops.h>
#include <xen/init.h>
#include <xen/cpu.h>
#include <xen/smp.h>
#include <xen/softirq.h>
#include <xen/spinlock.h>
#include <xen/tasklet.h>

#define DEFERRED_SOFTIRQ	(RCU_SOFTIRQ + 2)
#define HAS_WORK		0
#define IS_ON			1

struct deferred_cpu {
	struct chain work[WORK_KINDS];
	bool up;
};

DEFINE_PER_CPU(unsigned long, tasklet_work_to_do);
static DEFINE_PER_CPU(struct deferred_cpu, deferred);
static DEFINE_SPINLOCK(deferred_lock);
static int deferred_ready;

static struct chain *chain_of(const struct tasklet *t)
{
	return &per_cpu(deferred, t->cpu).work[t->how.kind];
}

static void kick(unsigned int cpu, enum work_kind kind)
{
	switch (kind) {
	case WORK_SOFTIRQ:
		cpu_raise_softirq(cpu, DEFERRED_SOFTIRQ);
		break;
	case WORK_IDLE:
		if (!test_and_set_bit(HAS_WORK, &per_cpu(tasklet_work_to_do, cpu)))
			cpu_raise_softirq(cpu, SCHEDULE_SOFTIRQ);
		break;
	default:
		BUG();
	}
}

/* With the lock held. */
static void append(struct tasklet *t, unsigned int cpu)
{
	if (!per_cpu(deferred, cpu).up)
		cpu = smp_processor_id();
	t->cpu = cpu;
	chain_add(chain_of(t), &t->node);
	kick(cpu, t->how.kind);
}

/* With the lock held. */
static void unchain(struct tasklet *t)
{
	if (chained(&t->node))
		chain_del(chain_of(t), &t->node);
}

void tasklet_schedule_on_cpu(struct tasklet *t, unsigned int cpu)
{
	unsigned long flags;

	spin_lock_irqsave(&deferred_lock, flags);
	if (!deferred_ready || t->how.disabled)
		goto out;

	if (t->how.active) {
		t->how.pending = 1;
		t->cpu = cpu;
		goto out;
	}
	unchain(t);
	append(t, cpu);
out:
	spin_unlock_irqrestore(&deferred_lock, flags);
}

void tasklet_schedule(struct tasklet *t)
{
	tasklet_schedule_on_cpu(t, smp_processor_id());
}

/* With the lock held, which is let go while the function runs. */
static void run_first(struct chain *chain)
{
	struct tasklet *t;

	if (chain_empty(chain) || !this_cpu(deferred).up)
		return;

	t = container_of(chain->first, struct tasklet, node);
	unchain(t);
	t->how.active = 1;
	spin_unlock_irq(&deferred_lock);

	t->func(t->data);

	spin_lock_irq(&deferred_lock);
	t->how.active = 0;
	if (t->how.pending) {
		t->how.pending = 0;
		append(t, t->cpu);
	}
}

static void deferred_softirq(void)
{
	struct chain *chain = &this_cpu(deferred).work[WORK_SOFTIRQ];

	spin_lock_irq(&deferred_lock);
	run_first(chain);
	if (!chain_empty(chain))
		raise_softirq(DEFERRED_SOFTIRQ);
	spin_unlock_irq(&deferred_lock);
}

void do_tasklet(void)
{
	unsigned long *work = &this_cpu(tasklet_work_to_do);
	struct chain *chain = &this_cpu(deferred).work[WORK_IDLE];

	if (READ_ONCE(*work) != (BIT(HAS_WORK) | BIT(IS_ON)))
		return;

	spin_lock_irq(&deferred_lock);
	run_first(chain);
	if (chain_empty(chain)) {
		clear_bit(HAS_WORK, work);
		raise_softirq(SCHEDULE_SOFTIRQ);
	}
	spin_unlock_irq(&deferred_lock);
}

void tasklet_kill(struct tasklet *t)
{
	unsigned long flags;
	int active;

	do {
		spin_lock_irqsave(&deferred_lock, flags);
		unchain(t);
		t->how.disabled = 1;
		t->how.pending = 0;
		active = t->how.active;
		spin_unlock_irqrestore(&deferred_lock, flags);
		if (active)
			cpu_relax();
	} while (active);
}

static void setup(struct tasklet *t, void (*func)(unsigned long), unsigned long data, enum work_kind kind)
{
	*t = (struct tasklet)WORK_INIT(func, data, kind);
}

void tasklet_init(struct tasklet *t, void (*func)(unsigned long), unsigned long data)
{
	setup(t, func, data, WORK_IDLE);
}

void softirq_tasklet_init(struct tasklet *t, void (*func)(unsigned long), unsigned long data)
{
	setup(t, func, data, WORK_SOFTIRQ);
}

static void cpu_comes(unsigned int cpu)
{
	struct deferred_cpu *d = &per_cpu(deferred, cpu);
	int kind;

	for (kind = 0; kind < WORK_KINDS; kind++)
		chain_init(&d->work[kind]);
	d->up = true;
}

static void cpu_goes(unsigned int cpu)
{
	struct deferred_cpu *d = &per_cpu(deferred, cpu);
	unsigned long flags;
	int kind;

	spin_lock_irqsave(&deferred_lock, flags);
	d->up = false;
	for (kind = 0; kind < WORK_KINDS; kind++)
		while (!chain_empty(&d->work[kind])) {
			struct tasklet *t = container_of(d->work[kind].first, struct tasklet, node);

			unchain(t);
			append(t, smp_processor_id());
		}
	spin_unlock_irqrestore(&deferred_lock, flags);
}

static int deferred_notify(struct notifier_block *self, unsigned long action, void *hcpu)
{
	if (action == CPU_UP_PREPARE)
		cpu_comes((unsigned long)hcpu);
	else if (action == CPU_UP_CANCELED || action == CPU_DEAD)
		cpu_goes((unsigned long)hcpu);
	return NOTIFY_DONE;
}

static struct notifier_block deferred_nb = { .notifier_call = deferred_notify };

void __init tasklet_subsys_init(void)
{
	cpu_comes(smp_processor_id());
	register_cpu_notifier(&deferred_nb);
	open_softirq(DEFERRED_SOFTIRQ, deferred_softirq);
	deferred_ready = 1;
}
