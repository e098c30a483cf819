/* Bits of words, and of arrays of words. */
#ifndef __XEN_BITOPS_H__
#define __XEN_BITOPS_H__

#include <machine.h>
#include <xen/compiler.h>
#include <xen/config.h>
#include <xen/types.h>

#define BIT(nr)      (1ul << (nr))
#define BIT_MASK(nr) (1ul << ((nr) % BITS_PER_LONG))
#define BIT_WORD(nr) ((nr) / BITS_PER_LONG)

/* Atomic. Those that return what was there are full barriers, the others are no barriers but on x86. */
#define test_bit(nr, address)            machine_test_bit(nr, address)
#define set_bit(nr, address)             machine_set_bit(nr, address)
#define clear_bit(nr, address)           machine_clear_bit(nr, address)
#define change_bit(nr, address)          machine_change_bit(nr, address)
#define test_and_set_bit(nr, address)    machine_test_and_set_bit(nr, address)
#define test_and_clear_bit(nr, address)  machine_test_and_clear_bit(nr, address)
#define test_and_change_bit(nr, address) machine_test_and_change_bit(nr, address)

/* Plain accesses, to the 32 bits that the atomic ones are about. */
#define machine_word_of(nr, address) ((u32 *)(address) + ((unsigned int)(nr) >> 5))
#define machine_bit_of(nr)           ((u32)1 << ((nr) & 31))

static always_inline void __set_bit(int nr, void *address)
{
    *machine_word_of(nr, address) |= machine_bit_of(nr);
}

static always_inline void __clear_bit(int nr, void *address)
{
    *machine_word_of(nr, address) &= ~machine_bit_of(nr);
}

static always_inline void __change_bit(int nr, void *address)
{
    *machine_word_of(nr, address) ^= machine_bit_of(nr);
}

static always_inline int __test_and_set_bit(int nr, void *address)
{
    u32 found = *machine_word_of(nr, address);

    *machine_word_of(nr, address) = found | machine_bit_of(nr);
    return !!(found & machine_bit_of(nr));
}

static always_inline int __test_and_clear_bit(int nr, void *address)
{
    u32 found = *machine_word_of(nr, address);

    *machine_word_of(nr, address) = found & ~machine_bit_of(nr);
    return !!(found & machine_bit_of(nr));
}

static always_inline int __test_and_change_bit(int nr, void *address)
{
    u32 found = *machine_word_of(nr, address);

    *machine_word_of(nr, address) = found ^ machine_bit_of(nr);
    return !!(found & machine_bit_of(nr));
}

/* How many bits are set. */
static always_inline unsigned int hweight64(u64 word)
{
    word -= word >> 1 & 0x5555555555555555ul;
    word = (word & 0x3333333333333333ul) + (word >> 2 & 0x3333333333333333ul);
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0ful;
    return word * 0x0101010101010101ul >> 56;
}
#define hweight32(word)   hweight64((u32)(word))
#define hweight16(word)   hweight64((u16)(word))
#define hweight8(word)    hweight64((u8)(word))
#define hweight_long(word) hweight64(word)

/* The lowest and the highest bit that is set, counted from 1; 0 if none is. */
static always_inline int ffs64(u64 word) { return word ? __builtin_ctzl(word) + 1 : 0; }
static always_inline int fls64(u64 word) { return word ? BITS_PER_LONG - __builtin_clzl(word) : 0; }
#define ffs(word)  ffs64((u32)(word))
#define fls(word)  fls64((u32)(word))
#define ffsl(word) ffs64(word)
#define flsl(word) fls64(word)
/* Counted from 0; of a word that is not 0. */
#define find_first_set_bit(word) ((unsigned int)__builtin_ctzl(word))
#define __ffs(word) ((unsigned long)__builtin_ctzl(word))
#define __fls(word) ((unsigned long)(BITS_PER_LONG - 1 - __builtin_clzl(word)))
#define ffz(word)   __ffs(~(word))

/* The first bit from `from` on, of `size`, that is set when all words are xored with `flip`; `size` if there is none. */
static always_inline unsigned int machine_find_bit(const unsigned long *words, unsigned int size, unsigned int from, unsigned long flip)
{
    while ( from < size )
    {
        unsigned long rest = (words[BIT_WORD(from)] ^ flip) >> (from % BITS_PER_LONG);

        if ( rest )
        {
            from += __builtin_ctzl(rest);
            return from < size ? from : size;
        }
        from = (BIT_WORD(from) + 1) * BITS_PER_LONG;
    }
    return size;
}

#define find_next_bit(words, size, from)      machine_find_bit(words, size, from, 0)
#define find_next_zero_bit(words, size, from) machine_find_bit(words, size, from, ~0ul)
#define find_first_bit(words, size)           find_next_bit(words, size, 0)
#define find_first_zero_bit(words, size)      find_next_zero_bit(words, size, 0)

#define for_each_set_bit(bit, words, size) \
    for ( (bit) = find_first_bit(words, size); (bit) < (size); (bit) = find_next_bit(words, size, (bit) + 1) )

#endif /* __XEN_BITOPS_H__ */
