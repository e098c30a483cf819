/* Sets of CPUs: a bit for each number that a CPU can have. */
#ifndef __XEN_CPUMASK_H__
#define __XEN_CPUMASK_H__

#include <machine.h>
#include <xen/bitops.h>
#include <xen/config.h>
#include <xen/system.h>
#include <xen/types.h>

#define MACHINE_MASK_WORDS BITS_TO_LONGS(NR_CPUS)

typedef struct cpumask {
    DECLARE_BITMAP(bits, NR_CPUS);
} cpumask_t;

_Static_assert(MACHINE_MASK_WORDS == 2, "sets of CPUs are written for 128 numbers");

/* One that may be large, and is had where it is declared. */
typedef cpumask_t cpumask_var_t[1];
#define alloc_cpumask_var(mask)  ((void)(mask), true)
#define zalloc_cpumask_var(mask) (cpumask_clear(*(mask)), true)
#define free_cpumask_var(mask)   ((void)(mask))

#define cpumask_bits(mask) ((mask)->bits)
#define CPU_MASK_NONE { { 0, 0 } }
#define CPU_MASK_ALL  { { ~0ul, ~0ul } }

/* All sets of one CPU: that of CPU n begins at column 1 - n / 64 of row n % 64. */
#define MACHINE_ROW(n)   { 0, 1ul << (n), 0 }
#define MACHINE_ROWS8(n) MACHINE_ROW(n), MACHINE_ROW(n + 1), MACHINE_ROW(n + 2), MACHINE_ROW(n + 3), \
                         MACHINE_ROW(n + 4), MACHINE_ROW(n + 5), MACHINE_ROW(n + 6), MACHINE_ROW(n + 7)
static __maybe_unused const unsigned long machine_cpu_masks[BITS_PER_LONG][3] = {
    MACHINE_ROWS8(0), MACHINE_ROWS8(8), MACHINE_ROWS8(16), MACHINE_ROWS8(24),
    MACHINE_ROWS8(32), MACHINE_ROWS8(40), MACHINE_ROWS8(48), MACHINE_ROWS8(56),
};

static always_inline const cpumask_t *cpumask_of(unsigned int cpu)
{
    const unsigned long *row = machine_cpu_masks[cpu % BITS_PER_LONG];

    return (const cpumask_t *)(row + 1 - cpu / BITS_PER_LONG % MACHINE_MASK_WORDS);
}

/* Atomic, and with plain accesses. */
static always_inline void cpumask_set_cpu(int cpu, volatile cpumask_t *mask) { set_bit(cpu, mask->bits); }
static always_inline void cpumask_clear_cpu(int cpu, volatile cpumask_t *mask) { clear_bit(cpu, mask->bits); }
static always_inline int cpumask_test_cpu(int cpu, const cpumask_t *mask) { return test_bit(cpu, mask->bits); }
static always_inline int cpumask_test_and_set_cpu(int cpu, volatile cpumask_t *mask) { return test_and_set_bit(cpu, mask->bits); }
static always_inline int cpumask_test_and_clear_cpu(int cpu, volatile cpumask_t *mask) { return test_and_clear_bit(cpu, mask->bits); }
static always_inline void __cpumask_set_cpu(int cpu, cpumask_t *mask) { __set_bit(cpu, mask->bits); }
static always_inline void __cpumask_clear_cpu(int cpu, cpumask_t *mask) { __clear_bit(cpu, mask->bits); }
static always_inline int __cpumask_test_and_set_cpu(int cpu, cpumask_t *mask) { return __test_and_set_bit(cpu, mask->bits); }
static always_inline int __cpumask_test_and_clear_cpu(int cpu, cpumask_t *mask) { return __test_and_clear_bit(cpu, mask->bits); }

/* All words, one after the other. */
#define MACHINE_EACH_WORD(statement) \
    do { unsigned int i; for ( i = 0; i < MACHINE_MASK_WORDS; i++ ) { statement; } } while ( 0 )

static always_inline void cpumask_clear(cpumask_t *mask) { MACHINE_EACH_WORD(mask->bits[i] = 0); }
static always_inline void cpumask_setall(cpumask_t *mask) { MACHINE_EACH_WORD(mask->bits[i] = ~0ul); }
static always_inline void cpumask_copy(cpumask_t *to, const cpumask_t *from) { MACHINE_EACH_WORD(to->bits[i] = from->bits[i]); }
static always_inline void cpumask_and(cpumask_t *to, const cpumask_t *a, const cpumask_t *b)
{
    MACHINE_EACH_WORD(to->bits[i] = a->bits[i] & b->bits[i]);
}
static always_inline void cpumask_or(cpumask_t *to, const cpumask_t *a, const cpumask_t *b)
{
    MACHINE_EACH_WORD(to->bits[i] = a->bits[i] | b->bits[i]);
}
static always_inline void cpumask_xor(cpumask_t *to, const cpumask_t *a, const cpumask_t *b)
{
    MACHINE_EACH_WORD(to->bits[i] = a->bits[i] ^ b->bits[i]);
}
static always_inline void cpumask_andnot(cpumask_t *to, const cpumask_t *a, const cpumask_t *b)
{
    MACHINE_EACH_WORD(to->bits[i] = a->bits[i] & ~b->bits[i]);
}
static always_inline void cpumask_complement(cpumask_t *to, const cpumask_t *from) { MACHINE_EACH_WORD(to->bits[i] = ~from->bits[i]); }
static always_inline int cpumask_equal(const cpumask_t *a, const cpumask_t *b)
{
    MACHINE_EACH_WORD(if ( a->bits[i] != b->bits[i] ) return 0);
    return 1;
}
static always_inline int cpumask_intersects(const cpumask_t *a, const cpumask_t *b)
{
    MACHINE_EACH_WORD(if ( a->bits[i] & b->bits[i] ) return 1);
    return 0;
}
static always_inline int cpumask_subset(const cpumask_t *a, const cpumask_t *b)
{
    MACHINE_EACH_WORD(if ( a->bits[i] & ~b->bits[i] ) return 0);
    return 1;
}
static always_inline int cpumask_empty(const cpumask_t *mask)
{
    MACHINE_EACH_WORD(if ( mask->bits[i] ) return 0);
    return 1;
}
static always_inline int cpumask_full(const cpumask_t *mask)
{
    MACHINE_EACH_WORD(if ( ~mask->bits[i] ) return 0);
    return 1;
}
static always_inline unsigned int cpumask_weight(const cpumask_t *mask)
{
    unsigned int cpus = 0;

    MACHINE_EACH_WORD(cpus += hweight64(mask->bits[i]));
    return cpus;
}

/* nr_cpu_ids or more: there is none. */
static always_inline unsigned int cpumask_first(const cpumask_t *mask) { return find_first_bit(mask->bits, NR_CPUS); }
static always_inline unsigned int cpumask_next(int cpu, const cpumask_t *mask) { return find_next_bit(mask->bits, NR_CPUS, cpu + 1); }
static always_inline unsigned int cpumask_last(const cpumask_t *mask)
{
    unsigned int cpu, last = nr_cpu_ids;

    for ( cpu = cpumask_first(mask); cpu < nr_cpu_ids; cpu = cpumask_next(cpu, mask) )
        last = cpu;
    return last;
}
/* The one after `cpu`, and after the last one the first. */
static always_inline unsigned int cpumask_cycle(int cpu, const cpumask_t *mask)
{
    unsigned int next = cpumask_next(cpu, mask);

    return next < nr_cpu_ids ? next : cpumask_first(mask);
}
static always_inline unsigned int cpumask_test_or_cycle(int cpu, const cpumask_t *mask)
{
    return cpumask_test_cpu(cpu, mask) ? (unsigned int)cpu : cpumask_cycle(cpu, mask);
}
#define cpumask_any(mask) cpumask_first(mask)

#define for_each_cpu(cpu, mask) \
    for ( (cpu) = cpumask_first(mask); (cpu) < nr_cpu_ids; (cpu) = cpumask_next(cpu, mask) )
#define for_each_cpu_mask(cpu, mask) for_each_cpu(cpu, &(mask))

/* The CPUs of this machine. Which of them are online is asked one by one, each time anew, as it is when they are gone through. */

static always_inline int cpu_online(unsigned int cpu) { return !!machine_call1(MACHINE_CPU_ONLINE, cpu); }
#define cpu_is_offline(cpu) unlikely(!cpu_online(cpu))

static always_inline int cpu_possible(unsigned int cpu)
{
    unsigned int slot;

    for ( slot = 0; slot < MACHINE_CPUS; slot++ )
        if ( machine_cpu_number(slot) == cpu )
            return 1;
    return 0;
}
#define cpu_present(cpu) cpu_possible(cpu)

/* The first CPU of a number that is larger than `after`. */
static always_inline unsigned int machine_next_cpu(int after, int online)
{
    unsigned int cpu;

    for ( cpu = after + 1; cpu < nr_cpu_ids; cpu++ )
        if ( cpu_possible(cpu) && (!online || cpu_online(cpu)) )
            break;
    return cpu;
}

#define machine_for_each_cpu(cpu, online) \
    for ( (cpu) = machine_next_cpu(-1, online); (cpu) < nr_cpu_ids; (cpu) = machine_next_cpu(cpu, online) )
#define for_each_possible_cpu(cpu) machine_for_each_cpu(cpu, 0)
#define for_each_present_cpu(cpu)  machine_for_each_cpu(cpu, 0)
#define for_each_online_cpu(cpu)   machine_for_each_cpu(cpu, 1)

static always_inline unsigned int machine_count_cpus(int online)
{
    unsigned int cpu, cpus = 0;

    machine_for_each_cpu ( cpu, online )
        cpus++;
    return cpus;
}
#define num_possible_cpus() machine_count_cpus(0)
#define num_present_cpus()  machine_count_cpus(0)
#define num_online_cpus()   machine_count_cpus(1)

/* Sets that are made when they are used: no variables, but to be read like some. */
static always_inline cpumask_t *machine_cpus(cpumask_t *mask, int online)
{
    unsigned int cpu;

    machine_for_each_cpu ( cpu, online )
        __set_bit(cpu, mask->bits);
    return mask;
}
#define cpu_online_map   (*machine_cpus(&(cpumask_t)CPU_MASK_NONE, 1))
#define cpu_possible_map (*machine_cpus(&(cpumask_t)CPU_MASK_NONE, 0))
#define cpu_present_map  cpu_possible_map
#define cpu_online_mask   ((const cpumask_t *)&cpu_online_map)
#define cpu_possible_mask ((const cpumask_t *)&cpu_possible_map)
#define cpu_present_mask  cpu_possible_mask

#endif /* __XEN_CPUMASK_H__ */
