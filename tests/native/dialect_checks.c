/* What the names of the dialect mean: each function finds out, and stops with BUG() where something is otherwise. */
#include <xen/atomic.h>
#include <xen/cpu.h>
#include <xen/lib.h>
#include <xen/list.h>
#include <xen/sched.h>
#include <xen/softirq.h>
#include <xen/xmalloc.h>

struct item {
    struct list_head list;
    struct hlist_node chained;
    int n;
};

static LIST_HEAD(head);
static LIST_HEAD(other);
static struct item items[5];

static void fill(void)
{
    int i;

    INIT_LIST_HEAD(&head);
    INIT_LIST_HEAD(&other);
    for ( i = 0; i < 5; i++ )
    {
        items[i].n = i;
        INIT_LIST_HEAD(&items[i].list);
        list_add_tail(&items[i].list, i < 3 ? &head : &other);
    }
}

/* The digits of what is in a list, forwards; what is read backwards has to be the same. */
static int digits(struct list_head *list)
{
    struct item *pos;
    int found = 0, back = 0, place = 1;

    list_for_each_entry ( pos, list, list )
        found = found * 10 + pos->n + 1;
    list_for_each_entry_reverse ( pos, list, list )
    {
        back += (pos->n + 1) * place;
        place *= 10;
    }
    ASSERT(found == back);
    return found;
}
#define EXPECT(in_head, in_other) BUG_ON(digits(&head) != (in_head) || digits(&other) != (in_other))

void check_circles(void)
{
    struct item *pos, *after;
    struct list_head *node, *then;
    struct item fresh = { .n = 6 };
    int n = 0;

    fill();
    EXPECT(123, 45);
    list_del(&items[1].list);
    list_add(&items[1].list, &head);
    EXPECT(213, 45);
    list_move(&items[3].list, &head);
    list_move_tail(&items[1].list, &other);
    EXPECT(413, 52);
    list_splice_init(&other, &head);
    EXPECT(52413, 0);
    BUG_ON(!list_empty(&other) || !list_empty_careful(&other) || list_empty(&head) || list_is_singular(&head));
    list_for_each_entry_safe ( pos, after, &head, list )
        if ( pos->n & 1 )
            list_move_tail(&pos->list, &other);
    EXPECT(513, 24);
    list_for_each_entry_safe_reverse ( pos, after, &head, list )
        list_move_tail(&pos->list, &other);
    EXPECT(0, 24315);
    list_for_each_safe ( node, then, &other )
        list_del_init(node);
    EXPECT(0, 0);

    fill();
    list_splice_tail_init(&other, &head);
    EXPECT(12345, 0);
    list_cut_position(&other, &head, &items[1].list);
    EXPECT(345, 12);
    list_rotate_left(&head);
    EXPECT(453, 12);
    list_replace(&items[3].list, &fresh.list);
    EXPECT(753, 12);
    list_replace_init(&fresh.list, &items[3].list);
    EXPECT(453, 12);
    BUG_ON(!list_is_first(&items[3].list, &head) || !list_is_last(&items[2].list, &head));
    BUG_ON(list_first_entry(&head, struct item, list) != &items[3] || list_last_entry(&head, struct item, list) != &items[2]);
    BUG_ON(list_next_entry(&items[3], list) != &items[4] || list_prev_entry(&items[2], list) != &items[4]);

    fill();
    pos = &items[0];
    list_for_each_entry_continue ( pos, &head, list )
        n = n * 10 + pos->n + 1;
    pos = &items[1];
    list_for_each_entry_from ( pos, &head, list )
        n = n * 10 + pos->n + 1;
    pos = &items[2];
    list_for_each_entry_continue_reverse ( pos, &head, list )
        n = n * 10 + pos->n + 1;
    BUG_ON(n != 232321);
    BUG_ON(list_first_entry_or_null(&head, struct item, list) != &items[0]);
    list_splice(&other, &head);
    INIT_LIST_HEAD(&other);
    BUG_ON(list_first_entry_or_null(&other, struct item, list));
    EXPECT(45123, 0);
}

static int chained(struct hlist_head *chain)
{
    struct hlist_node *node, *after;
    struct item *pos;
    int four = 0, three = 0, safe = 0;

    hlist_for_each_entry ( pos, node, chain, chained )
        four = four * 10 + pos->n + 1;
    hlist_for_each_entry ( pos, chain, chained )
        three = three * 10 + pos->n + 1;
    hlist_for_each_entry_safe ( pos, node, after, chain, chained )
        safe = safe * 10 + pos->n + 1;
    BUG_ON(four != three || three != safe);
    return four;
}

void check_chains(void)
{
    HLIST_HEAD(chain);
    struct hlist_node *after;
    struct item *pos;

    fill();
    hlist_add_head(&items[1].chained, &chain);
    hlist_add_head(&items[0].chained, &chain);
    hlist_add_behind(&items[3].chained, &items[1].chained);
    hlist_add_before(&items[2].chained, &items[3].chained);
    BUG_ON(chained(&chain) != 1234);
    hlist_del(&items[2].chained);
    hlist_del_init(&items[0].chained);
    hlist_del_init(&items[0].chained);
    BUG_ON(chained(&chain) != 24 || !hlist_unhashed(&items[0].chained) || hlist_empty(&chain));
    hlist_for_each_entry_safe ( pos, after, &chain, chained )
        hlist_del(&pos->chained);
    BUG_ON(!hlist_empty(&chain));
}

void check_bits(void)
{
    static DECLARE_BITMAP(bits, 200);
    unsigned int bit, n = 0;

    set_bit(3, bits);
    __set_bit(64, bits);
    set_bit(199, bits);
    for_each_set_bit ( bit, bits, 200 )
        n = n * 1000 + bit;
    BUG_ON(n != 3064199 || bit != 200);
    BUG_ON(!test_bit(64, bits) || test_bit(65, bits) || bits[1] != 1 || bits[0] != 8);
    BUG_ON(find_first_bit(bits, 200) != 3 || find_next_bit(bits, 200, 4) != 64 || find_next_bit(bits, 199, 65) != 199);
    BUG_ON(find_first_zero_bit(bits, 200) != 0 || find_next_zero_bit(bits, 200, 3) != 4);
    BUG_ON(!test_and_clear_bit(3, bits) || test_and_set_bit(3, bits) || !test_and_change_bit(3, bits) || bits[0]);
    BUG_ON(!__test_and_clear_bit(64, bits) || __test_and_set_bit(64, bits) || !__test_and_change_bit(64, bits) || bits[1]);
    change_bit(5, bits);
    __change_bit(6, bits);
    BUG_ON(bits[0] != 96);
    clear_bit(5, bits);
    __clear_bit(6, bits);
    BUG_ON(bits[0]);
    BUG_ON(hweight64(~0ul) != 64 || hweight64(0) || hweight32(~0ul) != 32 || hweight16(0x1ff) != 9 || hweight8(0x1ff) != 8);
    BUG_ON(ffs(0) || ffs(8) != 4 || fls(0) || fls(8) != 4 || ffsl(1ul << 40) != 41 || flsl(1ul << 40) != 41 || fls(1ul << 40));
    BUG_ON(__ffs(8) != 3 || __fls(8) != 3 || ffz(7) != 3 || find_first_set_bit(1ul << 63) != 63);
}

void check_counters(void)
{
    atomic_t v = ATOMIC_INIT(5);
    atomic64_t w = ATOMIC64_INIT(-1);
    u8 byte = 1;
    u16 half = 1;
    void *p = NULL;
    unsigned long word = 6;

    atomic_inc(&v);
    atomic_add(3, &v);
    atomic_sub(2, &v);
    atomic_dec(&v);
    BUG_ON(atomic_read(&v) != 6);
    BUG_ON(atomic_add_return(2, &v) != 8 || atomic_sub_return(3, &v) != 5 || atomic_inc_return(&v) != 6 || atomic_dec_return(&v) != 5);
    BUG_ON(atomic_cmpxchg(&v, 4, 1) != 5 || atomic_cmpxchg(&v, 5, 1) != 5 || atomic_xchg(&v, 2) != 1);
    BUG_ON(atomic_dec_and_test(&v) || !atomic_dec_and_test(&v) || atomic_inc_not_zero(&v) || atomic_add_negative(-1, &v) != 1);
    BUG_ON(!atomic_inc_and_test(&v) || atomic_add_unless(&v, 3, 0) || atomic_add_unless(&v, 3, 1) || atomic_read(&v) != 3);
    BUG_ON(!atomic64_inc_and_test(&w) || atomic64_add_return(1l << 40, &w) != 1l << 40);
    BUG_ON(cmpxchg(&byte, 1, 255) != 1 || byte != 255 || cmpxchg(&half, 2, 3) != 1 || half != 1 || xchg(&half, 7) != 1 || half != 7);
    BUG_ON(cmpxchg(&p, NULL, &v) || p != &v || xchg(&p, NULL) != &v);
    BUG_ON(fetch_or(&word, 1) != 6 || fetch_and(&word, ~2ul) != 7 || fetch_add(&word, 1) != 5 || fetch_sub(&word, 2) != 6 || word != 4);
    BUG_ON(fetch_or(&word, 0) != 4 || fetch_xor(&word, 1) != 4 || read_atomic(&word) != 5);
    write_atomic(&word, 9);
    BUG_ON(smp_load_acquire(&word) != 9);
}

void check_texts(void)
{
    char text[6], *memory = xzalloc_array(char, 4);
    struct item *one = xmalloc(struct item);

    BUG_ON(strlen("") || strlen("four") != 4 || strnlen("four", 3) != 3 || strcmp("a", "a") || strcmp("a", "b") >= 0 || strcmp("b", "") <= 0);
    BUG_ON(strncmp("abc", "abd", 2) || !strncmp("abc", "abd", 3) || *strchr("abc", 'b') != 'b' || strchr("abc", 'd') || !strchr("a", 0));
    BUG_ON(memchr("abc", 'd', 3) || *(char *)memchr("abc", 'c', 3) != 'c');
    BUG_ON(strlcpy(text, "longer", sizeof(text)) != 6 || strcmp(text, "longe"));
    memset(text, 'x', 3);
    BUG_ON(memcmp(text, "xxxge", 6));
    memmove(text + 1, text, 4);
    BUG_ON(memcmp(text, "xxxxg", 6));
    BUG_ON(memory[0] || memory[3] || xmalloc_array(char, ~0ul) || xzalloc_array(struct item, ~0ul / 2));
    one->n = 1;
    xfree(one);
    xfree(NULL);
    xfree(memory);
    BUG_ON(min(2, 1) != 1 || max(2, 1) != 2 || clamp(5, 1, 3) != 3 || min_t(u8, 257, 2) != 1 || max3(1, 3, 2) != 3 || abs(-2) != 2);
    BUG_ON(ROUNDUP(9, 8) != 16 || DIV_ROUND_UP(9, 8) != 2 || ARRAY_SIZE(items) != 5 || container_of(&items[1].n, struct item, n) != &items[1]);
}

void check_cpus(void)
{
    cpumask_t a = CPU_MASK_NONE, b = CPU_MASK_NONE;
    unsigned int cpu, n = 0;

    for ( cpu = 0; cpu < NR_CPUS; cpu++ )
        BUG_ON(cpumask_weight(cpumask_of(cpu)) != 1 || cpumask_first(cpumask_of(cpu)) != cpu || !cpumask_test_cpu(cpu, cpumask_of(cpu)));
    for_each_online_cpu ( cpu )
    {
        BUG_ON(!cpu_online(cpu) || !cpu_possible(cpu) || cpu_is_offline(cpu));
        n++;
    }
    BUG_ON(n != 2 || num_online_cpus() != 2 || num_possible_cpus() != 2 || cpumask_weight(&cpu_online_map) != 2 || cpu_possible(99));
    BUG_ON(!cpumask_equal(cpu_online_mask, cpu_possible_mask) || !cpumask_test_cpu(smp_processor_id(), &cpu_online_map));

    cpumask_set_cpu(3, &a);
    __cpumask_set_cpu(100, &a);
    cpumask_copy(&b, &a);
    cpumask_clear_cpu(3, &b);
    BUG_ON(!cpumask_subset(&b, &a) || cpumask_subset(&a, &b) || !cpumask_intersects(&a, &b) || cpumask_equal(&a, &b));
    BUG_ON(cpumask_next(3, &a) != 100 || cpumask_last(&a) != 100 || cpumask_cycle(100, &a) != 3 || cpumask_test_or_cycle(4, &a) != 100);
    BUG_ON(cpumask_next(100, &a) < nr_cpu_ids || cpumask_any(&b) != 100);
    cpumask_andnot(&a, &a, &b);
    BUG_ON(!cpumask_equal(&a, cpumask_of(3)));
    cpumask_or(&a, &a, &b);
    cpumask_xor(&a, &a, &b);
    BUG_ON(!cpumask_equal(&a, cpumask_of(3)));
    cpumask_and(&a, &a, &b);
    BUG_ON(!cpumask_empty(&a));
    cpumask_complement(&a, &a);
    BUG_ON(!cpumask_full(&a));
    cpumask_clear(&a);
    BUG_ON(cpumask_test_and_set_cpu(65, &a) || !cpumask_test_and_clear_cpu(65, &a) || !cpumask_empty(&a));
}

/* What lists are found to be. */

static struct list_head zeros;

void unlinks_twice(void)
{
    fill();
    list_del(&items[1].list);
    list_del(&items[1].list);
}

void unlinks_what_was_never_made(void)
{
    list_del(&zeros);
}

void unlinks_a_stranger(void)
{
    fill();
    items[0].list.next = &items[2].list;
    list_del_init(&items[1].list);
}

void adds_to_what_was_never_made(void)
{
    fill();
    list_del_init(&items[1].list);
    list_add_tail(&items[1].list, &zeros);
}

void adds_fresh_memory(void)
{
    struct item *fresh = xmalloc(struct item);

    list_add_tail(&fresh->list, &head);
    list_del(&fresh->list);
    list_add(&fresh->list, &head);
}

void adds_to_fresh_memory(void)
{
    struct item *fresh = xmalloc(struct item);

    fill();
    list_del(&items[1].list);
    list_add(&items[1].list, &fresh->list);
}

void adds_twice(void)
{
    fill();
    list_add_tail(&items[2].list, &head);
}

void adds_what_is_elsewhere(void)
{
    fill();
    list_add_tail(&items[1].list, &other);
}

void adds_to_a_broken_list(void)
{
    fill();
    list_del_init(&items[1].list);
    items[2].list.next = &items[0].list;
    list_add_tail(&items[1].list, &head);
}

void looks_at_what_was_never_made(void)
{
    BUG_ON(list_empty(&zeros));
}

void unchains_twice(void)
{
    HLIST_HEAD(chain);

    hlist_add_head(&items[1].chained, &chain);
    hlist_del(&items[1].chained);
    hlist_del(&items[1].chained);
}

/* Locks for readers and writers. */

static DEFINE_RWLOCK(many);
static int reading, most, written;

static void read_once(void)
{
    unsigned long flags;

    read_lock_irqsave(&many, flags);
    most = max(most, fetch_add(&reading, 1) + 1);
    BUG_ON(written & 1);
    fetch_sub(&reading, 1);
    read_unlock_irqrestore(&many, flags);
}

static void write_once(void)
{
    write_lock_irq(&many);
    BUG_ON(written & 1);
    written++;
    BUG_ON(READ_ONCE(reading));
    written++;
    write_unlock_irq(&many);
}

void reads(void) { read_once(); }
void writes(void) { write_once(); }
int most_readers(void) { return most; }

void unlocks_nothing(void) { write_unlock(&many); }
void unlocks_a_reader(void) { read_unlock(&many); }
