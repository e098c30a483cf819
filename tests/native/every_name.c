/* Every name of the dialect, once: who includes a header of it finds this there. */
#include <xen/atomic.h>
#include <xen/bitops.h>
#include <xen/bug.h>
#include <xen/cache.h>
#include <xen/compiler.h>
#include <xen/config.h>
#include <xen/cpu.h>
#include <xen/cpumask.h>
#include <xen/errno.h>
#include <xen/init.h>
#include <xen/irq.h>
#include <xen/kernel.h>
#include <xen/lib.h>
#include <xen/list.h>
#include <xen/notifier.h>
#include <xen/percpu.h>
#include <xen/preempt.h>
#include <xen/rwlock.h>
#include <xen/sched.h>
#include <xen/smp.h>
#include <xen/softirq.h>
#include <xen/spinlock.h>
#include <xen/string.h>
#include <xen/system.h>
#include <xen/types.h>
#include <xen/xmalloc.h>

struct item {
    struct list_head list;
    struct hlist_node chained;
    u64 value;
} __cacheline_aligned;

struct narrow { u8 a; u16 b; u32 c; s8 d; s16 e; s32 f; s64 g; bool_t h; bool i; } __packed;

static LIST_HEAD(items);
static LIST_HEAD_READ_MOSTLY(others);
static struct list_head fixed = LIST_HEAD_INIT(fixed);
static HLIST_HEAD(chain);
static struct hlist_head chain_of_none = HLIST_HEAD_INIT;

DECLARE_PER_CPU(unsigned long, word);
DEFINE_PER_CPU(unsigned long, word);
DEFINE_PER_CPU_READ_MOSTLY(int, number);
DEFINE_PER_CPU_SHARED_ALIGNED(int [3], numbers);
static DEFINE_PER_CPU(struct list_head, queue);
EXPORT_PER_CPU_SYMBOL(word)

static DEFINE_SPINLOCK(lock);
static DEFINE_RAW_SPINLOCK(raw);
static DEFINE_RWLOCK(many);
static spinlock_t later = SPIN_LOCK_UNLOCKED;
static rwlock_t later_many = RW_LOCK_UNLOCKED;

static bool_t __read_mostly ready;
static int __initdata at_boot;
static atomic_t count = ATOMIC_INIT(1);
static atomic64_t count64 = ATOMIC64_INIT(1);
static DECLARE_BITMAP(bits, 200);

int barriers(void);
noinline int barriers(void)
{
    barrier();
    mb(); rmb(); wmb();
    smp_mb(); smp_rmb(); smp_wmb(); smp_read_barrier_depends();
    smp_mb__before_atomic(); smp_mb__after_atomic();
    smp_mb__before_atomic_inc(); smp_mb__after_atomic_inc(); smp_mb__before_atomic_dec(); smp_mb__after_atomic_dec();
    smp_mb__before_clear_bit(); smp_mb__after_clear_bit();
    set_mb(at_boot, 1); smp_store_mb(at_boot, 2); set_wmb(at_boot, 3);
    smp_store_release(&at_boot, smp_load_acquire(&at_boot) + 1);
    WRITE_ONCE(ready, READ_ONCE(ready) + ACCESS_ONCE(ready));
    preempt_disable(); preempt_enable();
    cpu_relax();
    return likely(at_boot) ? 1 : unlikely(ready);
}

unsigned long words(struct narrow *n, unsigned long *w, void **p);
unsigned long words(struct narrow *n, unsigned long *w, void **p)
{
    u8 byte = 0;
    u16 half = 0;
    u32 whole = 0;

    write_atomic(w, read_atomic(w) + 1);
    *w += cmpxchg(w, 1, 2) + xchg(w, 3) + cmpxchg64(w, 1, 2);
    *w += cmpxchg(&byte, 1, 2) + xchg(&half, 2) + cmpxchg(&whole, 1, 2);
    *p = cmpxchg(p, NULL, n);
    *p = cmpxchgptr(p, NULL, n);
    *p = xchg(p, NULL);
    fetch_add(w, 1); fetch_sub(w, 1); fetch_and(w, ~1ul); fetch_or(w, 0); fetch_xor(w, 1); arch_fetch_and_add(w, 1);
    add_sized(w, 1);
    if ( test_and_set_bool(n->h) || test_and_clear_bool(n->h) )
        n->i = true;
    return *w + byte + half + whole;
}

int counters(void);
int counters(void)
{
    atomic_set(&count, 1); _atomic_set(&count, 1); atomic_inc(&count); atomic_dec(&count); atomic_add(1, &count); atomic_sub(1, &count);
    atomic_and(1, &count); atomic_or(1, &count);
    atomic64_set(&count64, 1); atomic64_inc(&count64); atomic64_dec(&count64); atomic64_add(1, &count64); atomic64_sub(1, &count64);
    count = atomic_compareandswap(count, ((atomic_t)ATOMIC_INIT(2)), &count);
    return atomic_read(&count) + _atomic_read(count) + atomic_add_return(1, &count) + atomic_sub_return(1, &count) +
           atomic_inc_return(&count) + atomic_dec_return(&count) + atomic_fetch_add(1, &count) + atomic_fetch_sub(1, &count) +
           atomic_fetch_and(1, &count) + atomic_fetch_or(1, &count) + atomic_sub_and_test(1, &count) + atomic_inc_and_test(&count) +
           atomic_dec_and_test(&count) + atomic_add_negative(1, &count) + atomic_cmpxchg(&count, 1, 2) + atomic_xchg(&count, 1) +
           atomic_add_unless(&count, 1, 0) + atomic_inc_not_zero(&count) + (int)atomic64_read(&count64) +
           (int)atomic64_add_return(1, &count64) + (int)atomic64_sub_return(1, &count64) + (int)atomic64_inc_return(&count64) +
           (int)atomic64_dec_return(&count64) + atomic64_dec_and_test(&count64) + atomic64_inc_and_test(&count64) +
           atomic64_sub_and_test(1, &count64) + (int)atomic64_cmpxchg(&count64, 1, 2) + (int)atomic64_xchg(&count64, 1) +
           (int)atomic64_add_unless(&count64, 1, 0) + atomic64_inc_not_zero(&count64);
}

unsigned long all_bits(unsigned long w);
unsigned long all_bits(unsigned long w)
{
    unsigned int bit;

    set_bit(1, bits); clear_bit(1, bits); change_bit(1, bits);
    __set_bit(1, bits); __clear_bit(1, bits); __change_bit(1, bits);
    for_each_set_bit ( bit, bits, 200 )
        w += bit;
    return w + test_bit(1, bits) + test_and_set_bit(1, bits) + test_and_clear_bit(1, bits) + test_and_change_bit(1, bits) +
           __test_and_set_bit(1, bits) + __test_and_clear_bit(1, bits) + __test_and_change_bit(1, bits) + hweight8(w) + hweight16(w) +
           hweight32(w) + hweight64(w) + hweight_long(w) + ffs(w) + fls(w) + ffsl(w) + flsl(w) + find_first_set_bit(w) + __ffs(w) +
           __fls(w) + ffz(w) + find_first_bit(bits, 200) + find_next_bit(bits, 200, 3) + find_first_zero_bit(bits, 200) +
           find_next_zero_bit(bits, 200, 3) + BIT(3) + BIT_MASK(67) + BIT_WORD(67);
}

int circles(struct item *item, struct item *other);
int circles(struct item *item, struct item *other)
{
    struct list_head *node, *after;
    struct item *pos, *next;
    int n = 0;

    INIT_LIST_HEAD(&item->list);
    list_add(&item->list, &items);
    list_add_tail(&other->list, &items);
    list_move(&item->list, &items);
    list_move_tail(&item->list, &items);
    list_rotate_left(&items);
    list_replace(&item->list, &other->list);
    list_replace_init(&other->list, &item->list);
    list_splice(&items, &others);
    list_splice_tail(&items, &others);
    list_splice_init(&items, &others);
    list_splice_tail_init(&items, &others);
    list_cut_position(&fixed, &others, &item->list);
    list_for_each ( node, &items ) n++;
    __list_for_each ( node, &items ) n++;
    list_for_each_prev ( node, &items ) n++;
    list_for_each_safe ( node, after, &items ) n++;
    list_for_each_backwards_safe ( node, after, &items ) n++;
    list_for_each_prev_safe ( node, after, &items ) n++;
    list_for_each_entry ( pos, &items, list ) n++;
    list_for_each_entry_reverse ( pos, &items, list ) n++;
    pos = list_prepare_entry(item, &items, list);
    list_for_each_entry_continue ( pos, &items, list ) n++;
    pos = item;
    list_for_each_entry_continue_reverse ( pos, &items, list ) n++;
    pos = item;
    list_for_each_entry_from ( pos, &items, list ) n++;
    list_for_each_entry_safe ( pos, next, &items, list ) n++;
    pos = item;
    list_for_each_entry_safe_continue ( pos, next, &items, list ) n++;
    pos = item;
    list_for_each_entry_safe_from ( pos, next, &items, list ) n++;
    list_for_each_entry_safe_reverse ( pos, next, &items, list ) n++;
    pos = list_first_entry_or_null(&items, struct item, list);
    next = list_last_entry(&items, struct item, list);
    if ( pos == list_next_entry(next, list) || pos == list_prev_entry(next, list) || next == list_first_entry(&items, struct item, list) )
        n++;
    list_del(&item->list);
    list_del_init(&other->list);
    return n + list_empty(&items) + list_empty_careful(&items) + list_is_last(&item->list, &items) + list_is_first(&item->list, &items) +
           list_is_singular(&items) + (item->list.next == LIST_POISON1) + (item->list.prev == LIST_POISON2);
}

int chains(struct item *item, struct item *other);
int chains(struct item *item, struct item *other)
{
    struct hlist_node *node, *after;
    struct item *pos;
    int n = 0;

    INIT_HLIST_HEAD(&chain_of_none);
    INIT_HLIST_NODE(&item->chained);
    hlist_add_head(&item->chained, &chain);
    hlist_add_before(&other->chained, &item->chained);
    hlist_add_behind(&other->chained, &item->chained);
    hlist_add_after(&item->chained, &other->chained);
    hlist_for_each ( node, &chain ) n++;
    hlist_for_each_safe ( node, after, &chain ) n++;
    hlist_for_each_entry ( pos, node, &chain, chained ) n++;
    hlist_for_each_entry ( pos, &chain, chained ) n++;
    hlist_for_each_entry_safe ( pos, node, after, &chain, chained ) n++;
    hlist_for_each_entry_safe ( pos, after, &chain, chained ) n++;
    hlist_del(&item->chained);
    hlist_del_init(&other->chained);
    pos = hlist_entry_safe(chain.first, struct item, chained);
    return n + hlist_unhashed(&other->chained) + hlist_empty(&chain) + (pos == hlist_entry(chain.first, struct item, chained));
}

int locks(void);
int locks(void)
{
    unsigned long flags;
    int n = 0;

    spin_lock_init(&later); rwlock_init(&later_many); raw_spin_lock_init(&raw);
    spin_lock(&lock); spin_unlock(&lock);
    spin_lock_irq(&lock); spin_unlock_irq(&lock);
    spin_lock_irqsave(&lock, flags); assert_spin_locked(&lock); lockdep_assert_held(&lock); spin_unlock_irqrestore(&lock, flags);
    spin_lock_bh(&lock); spin_unlock_bh(&lock); spin_lock_nested(&lock, 1); spin_unlock(&lock);
    raw_spin_lock(&raw); raw_spin_unlock(&raw); raw_spin_lock_irq(&raw); raw_spin_unlock_irq(&raw);
    raw_spin_lock_irqsave(&raw, flags); raw_spin_unlock_irqrestore(&raw, flags);
    n += spin_trylock(&lock) + raw_spin_trylock(&raw) + spin_trylock_irqsave(&lock, flags) + spin_trylock_irq(&lock) + spin_is_locked(&lock);
    spin_barrier(&lock); spin_unlock_wait(&lock);
    read_lock(&many); read_unlock(&many); write_lock(&many); write_unlock(&many);
    read_lock_irq(&many); read_unlock_irq(&many); write_lock_irq(&many); write_unlock_irq(&many);
    read_lock_irqsave(&many, flags); read_unlock_irqrestore(&many, flags);
    write_lock_irqsave(&many, flags); write_unlock_irqrestore(&many, flags);
    n += read_trylock(&many) + write_trylock(&many) + rw_is_locked(&many) + rw_is_write_locked(&many);
    local_irq_disable(); local_irq_enable(); local_irq_save(flags); local_irq_restore(flags); local_save_flags(flags);
    return n + local_irq_is_enabled() + irqs_disabled() + in_irq() + in_interrupt();
}

static void called(void *info) { (void)info; }
static void handler(void) {}
static int told(struct notifier_block *nb, unsigned long action, void *hcpu)
{
    (void)nb;
    (void)hcpu;
    switch ( action )
    {
    case CPU_UP_PREPARE: return NOTIFY_OK;
    case CPU_UP_CANCELED: case CPU_DEAD: return NOTIFY_STOP;
    case CPU_STARTING: case CPU_ONLINE: case CPU_DOWN_PREPARE: case CPU_DOWN_FAILED: case CPU_DYING: case CPU_REMOVE: return NOTIFY_BAD;
    default: return notifier_to_errno(notifier_from_errno(-EBUSY)) ? NOTIFY_DONE : NOTIFY_FORWARD | NOTIFY_REVERSE;
    }
}
static struct notifier_block block = { .notifier_call = told, .priority = 99 };

unsigned int cpus(void);
unsigned int cpus(void)
{
    static cpumask_t a = CPU_MASK_NONE, b = CPU_MASK_ALL;
    cpumask_var_t mask;
    unsigned int cpu, n = 0;

    if ( !zalloc_cpumask_var(&mask) || !alloc_cpumask_var(&mask) )
        return 0;
    cpumask_clear(mask); cpumask_setall(mask); cpumask_copy(mask, &a);
    cpumask_set_cpu(1, mask); cpumask_clear_cpu(1, mask); __cpumask_set_cpu(1, mask); __cpumask_clear_cpu(1, mask);
    cpumask_and(mask, &a, &b); cpumask_or(mask, &a, &b); cpumask_xor(mask, &a, &b); cpumask_andnot(mask, &a, &b);
    cpumask_complement(mask, &a);
    for_each_cpu ( cpu, mask ) n++;
    for_each_cpu_mask ( cpu, b ) n++;
    for_each_online_cpu ( cpu ) n++;
    for_each_possible_cpu ( cpu ) n++;
    for_each_present_cpu ( cpu ) n++;
    n += cpumask_test_cpu(1, mask) + cpumask_test_and_set_cpu(1, mask) + cpumask_test_and_clear_cpu(1, mask) +
         __cpumask_test_and_set_cpu(1, mask) + __cpumask_test_and_clear_cpu(1, mask) + cpumask_equal(&a, &b) + cpumask_intersects(&a, &b) +
         cpumask_subset(&a, &b) + cpumask_empty(&a) + cpumask_full(&a) + cpumask_weight(&a) + cpumask_first(&a) + cpumask_next(1, &a) +
         cpumask_last(&a) + cpumask_cycle(1, &a) + cpumask_test_or_cycle(1, &a) + cpumask_any(&a) + !!cpumask_bits(&a)[0];
    n += cpu_online(1) + cpu_is_offline(1) + cpu_possible(1) + cpu_present(1) + num_online_cpus() + num_possible_cpus() + num_present_cpus();
    n += cpumask_test_cpu(1, &cpu_online_map) + cpumask_weight(&cpu_possible_map) + cpumask_weight(&cpu_present_map) +
         cpumask_weight(cpu_online_mask) + cpumask_weight(cpu_possible_mask) + cpumask_weight(cpu_present_mask);
    free_cpumask_var(mask);
    on_selected_cpus(cpumask_of(smp_processor_id()), called, NULL, 1);
    smp_call_function(called, NULL, 0);
    on_each_cpu(called, NULL, 1);
    open_softirq(SCHEDULE_SOFTIRQ, handler);
    raise_softirq(TIMER_SOFTIRQ); cpu_raise_softirq(1, NEW_TLBFLUSH_CLOCK_PERIOD_SOFTIRQ); cpumask_raise_softirq(&a, RCU_SOFTIRQ);
    process_pending_softirqs();
    if ( get_cpu_maps() )
        put_cpu_maps();
    n += get_cpu() + raw_smp_processor_id();
    put_cpu();
    return n + register_cpu_notifier(&block) + nr_cpu_ids + NR_CPUS + NR_COMMON_SOFTIRQS + NR_SOFTIRQS;
}

unsigned long data_of_cpus(unsigned int cpu);
unsigned long data_of_cpus(unsigned int cpu)
{
    INIT_LIST_HEAD(&per_cpu(queue, cpu));
    this_cpu_write(word, this_cpu_read(word) + 1);
    get_cpu_var(number)++;
    put_cpu_var(number);
    sync_local_execstate();
    sync_vcpu_execstate(NULL);
    return per_cpu(word, cpu) + this_cpu(word) + __get_cpu_var(number) + per_cpu(numbers, cpu)[1];
}

void *memory(struct domain *d);
void *memory(struct domain *d)
{
    struct item *one = xmalloc(struct item), *two = xzalloc(struct item), *many_of = xmalloc_array(struct item, 3);
    char text[8], *bytes = xmalloc_bytes(8);

    if ( one && two )
    {
        memset(one, 0, sizeof(*one)); memcpy(one, two, sizeof(*one)); memmove(one, two, sizeof(*one));
        one->value = memcmp(one, two, sizeof(*one));
    }
    strlcpy(text, "text", sizeof(text));
    if ( strlen(text) == strnlen(text, 8) && !strcmp(text, "text") && !strncmp(text, "text", 4) && strchr(text, 'x') && memchr(text, 'x', 4) )
        printk(XENLOG_WARNING "%s\n", text);
    printk(KERN_ERR KERN_WARNING KERN_INFO KERN_DEBUG KERN_NOTICE "plain\n");
    dprintk(XENLOG_DEBUG, "%d\n", 1); gdprintk(XENLOG_G_ERR, "none\n"); gprintk(XENLOG_INFO, "%d\n", 1); guest_printk(d, XENLOG_G_INFO "%d\n", 1);
    pr_err("%d\n", 1); pr_warn("%d\n", 1); pr_info("%d\n", 1); pr_debug("%d\n", 1); early_printk("%d\n", 1);
    xfree(one); XFREE(two); xfree(many_of); xfree(bytes);
    xfree(xzalloc_bytes(8)); xfree(xzalloc_array(u16, 3)); xfree(_xmalloc(8, 8)); xfree(_xzalloc(8, 8));
    return container_of(&per_cpu(queue, 0), struct item, list);
}

int small(int a, int b);
int small(int a, int b)
{
    static const int three[3] = { 1, 2, 3 };

    BUILD_BUG_ON(sizeof(struct narrow) == 1);
    BUG_ON(a > 100);
    ASSERT(a < 100);
    WARN();
    if ( WARN_ON(a > 50) || WARN_ON_ONCE(b > 50) )
        swap(a, b);
    switch ( a )
    {
    case 1:
        b++;
        fallthrough;
    case 2:
        ASSERT_UNREACHABLE();
    case 3:
        BUG();
    case 4:
        assert_failed("no");
    case 5:
        panic("no %d\n", a);
    case 6:
        dump_execution_state();
        break;
    case 7:
        unreachable();
    }
    return min(a, b) + max(a, b) + min_t(int, a, b) + max_t(int, a, b) + min3(a, b, 3) + max3(a, b, 3) + clamp(a, 1, 3) + abs(a) +
           ROUNDUP(a, 8) + round_up(a, 8) + round_down(a, 8) + DIV_ROUND_UP(a, 8) + IS_ALIGNED(a, 8) + (int)ARRAY_SIZE(three) + three[1] +
           (int)BUILD_BUG_ON_ZERO(sizeof(int) == 1) + (int)offsetof(struct item, value) + BITS_PER_LONG + BYTES_PER_LONG + BITS_PER_BYTE +
           SMP_CACHE_BYTES + L1_CACHE_BYTES + (int)KB(1) + (int)MB(1) + EINVAL + ENOMEM + EWOULDBLOCK;
}

static const int errors[] = {
    EPERM, ENOENT, ESRCH, EINTR, EIO, ENXIO, E2BIG, EAGAIN, EACCES, EFAULT, EEXIST, EXDEV, ENODEV, ENOSPC, ERANGE, EDEADLK, ENOSYS, ENODATA,
    ETIME, EOVERFLOW, EBADFD, EILSEQ, EUSERS, EOPNOTSUPP, ENOTSUPP, ETIMEDOUT, EALREADY, EINPROGRESS, ESTALE, ECANCELED, CONFIG_SMP,
    BITS_TO_LONGS(65), L1_CACHE_SHIFT, NOTIFY_STOP_MASK, (int)RW_WRITER,
};
static const char *const levels[] = {
    KERN_EMERG, KERN_ALERT, KERN_CRIT, XENLOG_ERR, XENLOG_GUEST, XENLOG_G_WARNING, XENLOG_G_DEBUG,
};
static spinlock_t named = __SPIN_LOCK_UNLOCKED(named);
DECLARE_PER_CPU_READ_MOSTLY(int, number);

static int lines[4] ____cacheline_aligned, more_lines[4] ____cacheline_aligned_in_smp, rest __cacheline_aligned_in_smp;
static int placed __section(".data.here") __aligned(8) __used, spare __unused, other_spare __maybe_unused;
static int __cpuinitdata up = 1;
static int __exitdata down = 1;
static const int __initconst one = 1;
static const int __initconstrel two = 2;

noreturn void stop(void);
void stop(void) { BUG(); }
int __must_check must(int __user *a, int __kernel *b, int __iomem *c);
int __must_check must(int __user *a, int __kernel *b, int __iomem *c) { return *a + *b + *(int __force *)c; }
__deprecated __printf(1, 2) void say(const char *format, ...);
static always_inline __pure int pure(int a) { return a; }
static __always_inline __attribute_pure__ int as_pure(int a) { return a; }
static __attribute_const__ int constant(int a) { return a; }
static int __cpuinit held(spinlock_t *l) __must_hold(l) __acquires(l) __releases(l)
{
    return lines[l->held] + more_lines[1] + rest + up + down + one + two + pure(1) + as_pure(1) + constant(1) + errors[1] + !levels[1];
}
int __devinit steps(struct item *item, struct item *other);
int __devinit steps(struct item *item, struct item *other)
{
    unsigned long flags = _spin_lock_irqsave(&named);

    __list_add(&item->list, &items, items.next);
    __list_del(&items, item->list.next);
    __list_del_entry(&list_entry(&other->list, struct item, list)->list);
    __list_splice(&items, &others, others.next);
    __hlist_del(&item->chained);
    spin_unlock_irqrestore(&named, flags);
    return held(&named) + ffs64(1) + fls64(1);
}

static int __init boot(void) { return 0; }
static int __init boot_core(void) { return 0; }
static int __init boot_subsys(void) { return 0; }
static int __init boot_device(void) { return 0; }
static int __init boot_module(void) { return 0; }
static int __init boot_last(void) { return 0; }
static void __exit shut(void) {}
static int __init boot_late(void) { return 0; }
presmp_initcall(boot);
__initcall(boot_late);
__exitcall(shut);
core_initcall(boot_core);
subsys_initcall(boot_subsys);
device_initcall(boot_device);
module_init(boot_module);
late_initcall(boot_last);
EXPORT_SYMBOL(boot)
EXPORT_SYMBOL_GPL(boot)
MODULE_LICENSE("none")
