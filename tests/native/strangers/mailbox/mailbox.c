// Tasklets without locks: a mailbox for each kind on each CPU, which its owner
// empties into a list of its own. C11 atomics.
#include <xen/tasklet.h>
#include <xen/bitops.h>
#include <xen/init.h>
#include <xen/cpu.h>
#include <xen/lib.h>
#include <xen/smp.h>
#include <xen/softirq.h>

enum { WANTED = 1, BUSY = 2, DEAD = 4, CPU = 8 };
enum { POST = RCU_SOFTIRQ + 3 };

typedef struct {
  mailbox_t incoming;
  letter_t *sorted, **end; // nobody else's
} desk_t;

DEFINE_PER_CPU(unsigned long, tasklet_work_to_do);
static DEFINE_PER_CPU(desk_t, softirq_desk);
static DEFINE_PER_CPU(desk_t, idle_desk);
static atomic_bool open_for_business;

static desk_t *desk_of(const struct tasklet *t, unsigned int cpu) {
  return t->in_softirq ? &per_cpu(softirq_desk, cpu) : &per_cpu(idle_desk, cpu);
}

static unsigned int wanted_on(unsigned int cpu) { return WANTED | cpu << CPU; }

static void post(struct tasklet *t, unsigned int cpu) {
  bool softirq = t->in_softirq;

  mailbox_push(&desk_of(t, cpu)->incoming, &t->letter);
  if (softirq)
    cpu_raise_softirq(cpu, POST);
  else if (!test_and_set_bit(0, &per_cpu(tasklet_work_to_do, cpu)))
    cpu_raise_softirq(cpu, SCHEDULE_SOFTIRQ);
}

void tasklet_schedule_on_cpu(struct tasklet *t, unsigned int cpu) {
  unsigned int state = atomic_fetch_or(&t->state, 0);

  if (!atomic_load_explicit(&open_for_business, memory_order_relaxed))
    return;
  if (!cpu_online(cpu))
    cpu = smp_processor_id();
  do
    if (state & (WANTED | DEAD))
      return;
  while (!atomic_compare_exchange_strong(&t->state, &state, (state & BUSY) | wanted_on(cpu)));
  if (!(state & BUSY))
    post(t, cpu);
}

void tasklet_schedule(struct tasklet *t) {
  tasklet_schedule_on_cpu(t, smp_processor_id());
}

// With interrupts off, on the CPU whose desk it is, or for one that is dead.
static void sort(desk_t *desk) {
  if (!mailbox_has_any(&desk->incoming))
    return;
  *desk->end = mailbox_take(&desk->incoming);
  while (*desk->end)
    desk->end = &(*desk->end)->next;
}

static struct tasklet *next_of(desk_t *desk) {
  letter_t *first = desk->sorted;

  if (!first)
    return NULL;
  desk->sorted = first->next;
  if (!first->next)
    desk->end = &desk->sorted;
  return container_of(first, struct tasklet, letter);
}

static void finish(struct tasklet *t) {
  unsigned int state = atomic_load_explicit(&t->state, memory_order_relaxed), after;

  do
    after = state & DEAD ? DEAD : state & WANTED ? state & ~BUSY : 0;
  while (!atomic_compare_exchange_strong(&t->state, &state, after));
  if (after & WANTED)
    post(t, after >> CPU);
}

// One tasklet; returns whether there are more.
static bool serve(desk_t *desk) {
  struct tasklet *t;
  bool more;

  local_irq_disable();
  sort(desk);
  t = next_of(desk);
  if (t) {
    unsigned int state = wanted_on(smp_processor_id());
    bool mine = atomic_compare_exchange_strong(&t->state, &state, BUSY);

    if (!mine)
      atomic_store(&t->state, DEAD); // its killer waits for that
    local_irq_enable();
    if (mine) {
      t->func(t->data);
      finish(t);
    }
    local_irq_disable();
  }
  more = desk->sorted || mailbox_has_any(&desk->incoming);
  return more;
}

static void deliver(void) {
  if (serve(&this_cpu(softirq_desk)))
    raise_softirq(POST);
  local_irq_enable();
}

void do_tasklet(void) {
  if (READ_ONCE(this_cpu(tasklet_work_to_do)) != 3)
    return;
  if (!serve(&this_cpu(idle_desk))) {
    clear_bit(0, &this_cpu(tasklet_work_to_do));
    smp_mb__after_clear_bit();
    // Whoever has posted before has not set the bit anew.
    if (mailbox_has_any(&this_cpu(idle_desk).incoming))
      set_bit(0, &this_cpu(tasklet_work_to_do));
    raise_softirq(SCHEDULE_SOFTIRQ);
  }
  local_irq_enable();
}

// On the CPU that has it, with interrupts off.
static void discard(void *tasklet) {
  struct tasklet *t = tasklet;
  desk_t *desk = desk_of(t, smp_processor_id());
  letter_t **at;

  sort(desk);
  for (at = &desk->sorted; *at; at = &(*at)->next)
    if (*at == &t->letter) {
      *at = t->letter.next;
      if (!*at)
        desk->end = at;
      atomic_store(&t->state, DEAD);
      return;
    }
}

void tasklet_kill(struct tasklet *t) {
  unsigned int state = atomic_fetch_or(&t->state, DEAD) | DEAD;

  for (;; state = atomic_load(&t->state)) {
    if (!(state & (WANTED | BUSY)))
      return;
    if (state & BUSY || !cpu_online(state >> CPU)) {
      cpu_relax(); // where it is gone, somebody forwards what it had
    } else if (state >> CPU == smp_processor_id()) {
      unsigned long flags;

      local_irq_save(flags);
      discard(t);
      local_irq_restore(flags);
    } else {
      on_selected_cpus(cpumask_of(state >> CPU), discard, t, 1);
    }
  }
}

static void prepare(struct tasklet *t, bool in_softirq, tasklet_fn *func, unsigned long data) {
  t->letter.next = NULL;
  atomic_init(&t->state, 0);
  t->in_softirq = in_softirq;
  t->func = func;
  t->data = data;
}

void tasklet_init(struct tasklet *t, tasklet_fn *func, unsigned long data) { prepare(t, false, func, data); }

void softirq_tasklet_init(struct tasklet *t, tasklet_fn *func, unsigned long data) { prepare(t, true, func, data); }

static void furnish(desk_t *desk) {
  atomic_init(&desk->incoming.top, NULL);
  desk->sorted = NULL;
  desk->end = &desk->sorted;
}

static void forward(desk_t *desk) {
  struct tasklet *t;

  sort(desk);
  while ((t = next_of(desk)) != NULL) {
    unsigned int state = atomic_load(&t->state);

    while (!(state & DEAD) && !atomic_compare_exchange_strong(&t->state, &state, wanted_on(smp_processor_id())))
      ;
    if (state & DEAD)
      atomic_store(&t->state, DEAD);
    else
      post(t, smp_processor_id());
  }
}

static int on_cpu(struct notifier_block *self, unsigned long action, void *hcpu) {
  unsigned int cpu = (unsigned long)hcpu;

  if (action == CPU_UP_PREPARE) {
    furnish(&per_cpu(softirq_desk, cpu));
    furnish(&per_cpu(idle_desk, cpu));
  } else if (action == CPU_UP_CANCELED || action == CPU_DEAD) {
    forward(&per_cpu(softirq_desk, cpu));
    forward(&per_cpu(idle_desk, cpu));
  }
  return NOTIFY_DONE;
}

static struct notifier_block notifier = {.notifier_call = on_cpu};

void __init tasklet_subsys_init(void) {
  on_cpu(&notifier, CPU_UP_PREPARE, (void *)(unsigned long)smp_processor_id());
  register_cpu_notifier(&notifier);
  open_softirq(POST, deliver);
  atomic_store(&open_for_business, true);
}
