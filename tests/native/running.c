/* What code can do wrong, and what it can wait for: each function is called once, on CPU0, unless its test says something else. */
#include <xen/lib.h>
#include <xen/list.h>
#include <xen/percpu.h>
#include <xen/smp.h>
#include <xen/spinlock.h>
#include <xen/system.h>
#include <xen/types.h>
#include <xen/xmalloc.h>

struct thing {
    struct list_head link;
    int number;
    unsigned int flag;
    u8 small[4];
    void (*function)(unsigned long);
};

enum colour { RED, GREEN = 7 };

static int number;
static unsigned long word;
static u32 half[2];
static volatile int flag;
static enum colour colour;
static const int table[4] = { 1, 2, 3, 4 };
static struct thing some = { .number = -3 };
static DEFINE_PER_CPU(int, counter);
static DEFINE_SPINLOCK(lock);

/* Faults. */

void follows_null(struct thing *t) { t = NULL; t->number = 1; }
void reads_a_wild_pointer(struct thing *t) { number = *(int *)(0x123456789000ul + (unsigned long)(t == NULL)); }
void calls_null(struct thing *t) { t->function = NULL; t->function(0); }
void writes_a_constant(struct thing *t) { *(int *)&table[t == NULL] = 5; }
void divides_by_zero(struct thing *t) { number = 0; flag = 7 / number; }
void goes_on(struct thing *t) { for ( ; ; ) ; }
void goes_on_looking(struct thing *t) { while ( !flag ) ; }
int overflows(struct thing *t) { volatile char room[4096]; room[0] = 1; return overflows(t) + room[0]; }
void is_wrong(struct thing *t) { BUG_ON(t != NULL); }
void reads_garbage(struct thing *t) { number = t->number; }
void changes_garbage(struct thing *t) { xchg(&t->flag, 1); }
void uses_another_cpu(struct thing *t) { per_cpu(counter, 5) = 1; }
void unlocks_what_is_free(struct thing *t) { spin_unlock(&lock); }
void touches_what_it_has_freed(struct thing *t) { int *p = xmalloc(int); *p = 1; xfree(p); number = *p; }
void frees_twice(struct thing *t) { int *p = xmalloc(int); *p = 1; xfree(p); xfree(p); }
void frees_what_is_static(struct thing *t) { xfree(&word); }
void touches_beyond(struct thing *t) { long *p = xmalloc(long); p[1] = 1; }
void reads_fresh_memory(struct thing *t) { int *p = xmalloc(int); number = *p; }

/* What is right. */

void starts(struct thing *t)
{
    INIT_LIST_HEAD(&t->link);
    t->number = -1;
    t->flag = 0;
    memset(t->small, 3, sizeof(t->small));
    t->function = NULL;
}

static DEFINE_PER_CPU(struct list_head, queue);
static LIST_HEAD(shared);
void makes_queues(struct thing *t) { INIT_LIST_HEAD(&per_cpu(queue, 61)); INIT_LIST_HEAD(&per_cpu(queue, 64)); INIT_LIST_HEAD(&t->link); }
void makes_queue(struct thing *t) { INIT_LIST_HEAD(&this_cpu(queue)); }
void queues(struct thing *t) { list_add_tail(&t->link, &this_cpu(queue)); }
void queues_elsewhere(struct thing *t) { list_add_tail(&t->link, &per_cpu(queue, 64)); }
void shares(struct thing *t) { list_add_tail(&t->link, &shared); }
void unlinks(struct thing *t) { list_del_init(&t->link); }
void looks(struct thing *t) { BUG_ON(list_empty(&this_cpu(queue))); }
void queues_safely(struct thing *t)
{
    unsigned long flags;

    local_irq_save(flags);
    queues(t);
    local_irq_restore(flags);
}
void queues_under_lock(struct thing *t) { spin_lock(&lock); queues(t); spin_unlock(&lock); }
void links_itself(struct thing *t) { INIT_LIST_HEAD(&t->link); }

void sets_parts(struct thing *t)
{
    BUG_ON(some.number != -3);
    *t = some;
    t->small[1] = 9;
    BUG_ON(t->small[0] != 0 || t->small[1] != 9 || t->number != -3);
    memcpy(half, table, sizeof(half));
    BUG_ON(half[0] != 1 || half[1] != 2 || memcmp(half, table, sizeof(half)) || !memcmp(half, table + 1, sizeof(half)));
    BUG_ON(cmpxchg(&half[1], 2, 5) != 2 || half[1] != 5 || cmpxchg(&half[1], 2, 6) != 5);
    colour = GREEN;
    BUG_ON(table[2] != 3);
    printk("number is %d\n", t->number);
}

void changes_bits(struct thing *t)
{
    set_bit(40, &word);
    BUG_ON(!test_bit(40, &word) || word != 1ul << 40 || test_and_set_bit(3, &word) || !test_and_clear_bit(40, &word));
    change_bit(3, &word);
    BUG_ON(word);
    BUG_ON(__atomic_fetch_add(&word, 5, __ATOMIC_RELAXED) || __atomic_add_fetch(&word, 1, __ATOMIC_ACQUIRE) != 6);
    BUG_ON(__atomic_exchange_n(&word, 2, __ATOMIC_RELEASE) != 6 || __atomic_fetch_nand(&word, 3, __ATOMIC_ACQ_REL) != 2 || word != ~2ul);
    this_cpu(counter) = 4;
    BUG_ON(per_cpu(counter, smp_processor_id()) != 4);
}

/* Between CPUs. */

void adds(struct thing *t) { number++; }
void adds_twice(struct thing *t) { number++; number++; }
void adds_under_lock(struct thing *t) { spin_lock(&lock); number++; spin_unlock(&lock); }
void expects_two(struct thing *t) { BUG_ON(number != 2); }

void stores_and_looks(struct thing *t) { WRITE_ONCE(half[0], 1); t->number = READ_ONCE(half[1]); }
void stores_and_looks_back(struct thing *t) { WRITE_ONCE(half[1], 1); t->flag = READ_ONCE(half[0]); }
void expects_one_to_have_seen(struct thing *t) { BUG_ON(!t->number && !t->flag); }

void tells(struct thing *t) { WRITE_ONCE(half[0], 1); WRITE_ONCE(half[1], 1); }
void hears(struct thing *t) { if ( READ_ONCE(half[1]) ) BUG_ON(!READ_ONCE(half[0])); }
void tells_in_order(struct thing *t) { WRITE_ONCE(half[0], 1); smp_store_release(&half[1], 1); }
void hears_in_order(struct thing *t) { if ( smp_load_acquire(&half[1]) ) BUG_ON(!READ_ONCE(half[0])); }

void raises_flag(struct thing *t) { flag = 1; }
void waits_for_flag(struct thing *t) { while ( !flag ) cpu_relax(); }
void waits_three_times(struct thing *t) { int turns; for ( turns = 0; turns < 3; turns++ ) cpu_relax(); BUG_ON(flag); }
void waits_until_tired(struct thing *t) { int turns; for ( turns = 0; !flag && turns < 4; turns++ ) cpu_relax(); t->number = turns; }

/* What nobody can look at. */

void uses_too_much(struct thing *t) { int at; char *p = xzalloc_array(char, 8192); for ( at = 0; at < 8192; at += 8 ) p[at] = 1; }
void changes_two_at_once(struct thing *t) { __atomic_fetch_add((unsigned long *)half, 1, __ATOMIC_SEQ_CST); }

/* What is allocated and published, and followed without a barrier. */

static struct thing *published, *spare;

static void fills_and_publishes(struct thing *made)
{
    WRITE_ONCE(made->flag, 1);
    smp_store_release(&published, made);
}

void publishes_what_it_allocates(struct thing *t) { fills_and_publishes(xzalloc(struct thing)); }
void publishes_what_was_there(struct thing *t) { fills_and_publishes(t); }
void publishes_what_was_set_aside(struct thing *t) { fills_and_publishes(spare); }
void sets_aside(struct thing *t) { t->flag = 0; spare = xzalloc(struct thing); }

void follows_what_is_published(struct thing *t)
{
    struct thing *found = READ_ONCE(published);

    BUG_ON(found && !READ_ONCE(found->flag));
}

void follows_what_it_was_passed(struct thing *t)
{
    BUG_ON(READ_ONCE(published) == t && !READ_ONCE(t->flag));
}
