/*
 * Counters that are only ever changed in one step. What returns a value is a full barrier; what returns nothing is none but on x86, where
 * smp_mb__before_atomic() and smp_mb__after_atomic() are not needed; reading and setting are marked accesses.
 */
#ifndef __XEN_ATOMIC_H__
#define __XEN_ATOMIC_H__

#include <xen/compiler.h>
#include <xen/system.h>
#include <xen/types.h>

typedef struct { int counter; } atomic_t;
typedef struct { long counter; } atomic64_t;

#define ATOMIC_INIT(i)   { (i) }
#define ATOMIC64_INIT(i) { (i) }

#define MACHINE_ATOMIC(prefix, type) \
static always_inline type prefix##_read(const prefix##_t *v) { return read_atomic(&v->counter); } \
static always_inline type _##prefix##_read(const prefix##_t v) { return v.counter; } \
static always_inline void prefix##_set(prefix##_t *v, type i) { write_atomic(&v->counter, i); } \
static always_inline void _##prefix##_set(prefix##_t *v, type i) { v->counter = i; } \
\
static always_inline void prefix##_add(type i, prefix##_t *v) { (void)__atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED); } \
static always_inline void prefix##_sub(type i, prefix##_t *v) { (void)__atomic_fetch_sub(&v->counter, i, __ATOMIC_RELAXED); } \
static always_inline void prefix##_and(type i, prefix##_t *v) { (void)__atomic_fetch_and(&v->counter, i, __ATOMIC_RELAXED); } \
static always_inline void prefix##_or(type i, prefix##_t *v) { (void)__atomic_fetch_or(&v->counter, i, __ATOMIC_RELAXED); } \
static always_inline void prefix##_inc(prefix##_t *v) { prefix##_add(1, v); } \
static always_inline void prefix##_dec(prefix##_t *v) { prefix##_sub(1, v); } \
\
static always_inline type prefix##_fetch_add(type i, prefix##_t *v) { return fetch_add(&v->counter, i); } \
static always_inline type prefix##_fetch_sub(type i, prefix##_t *v) { return fetch_sub(&v->counter, i); } \
static always_inline type prefix##_fetch_and(type i, prefix##_t *v) { return fetch_and(&v->counter, i); } \
static always_inline type prefix##_fetch_or(type i, prefix##_t *v) { return fetch_or(&v->counter, i); } \
static always_inline type prefix##_add_return(type i, prefix##_t *v) { return fetch_add(&v->counter, i) + i; } \
static always_inline type prefix##_sub_return(type i, prefix##_t *v) { return fetch_sub(&v->counter, i) - i; } \
static always_inline type prefix##_inc_return(prefix##_t *v) { return prefix##_add_return(1, v); } \
static always_inline type prefix##_dec_return(prefix##_t *v) { return prefix##_sub_return(1, v); } \
static always_inline int prefix##_sub_and_test(type i, prefix##_t *v) { return prefix##_sub_return(i, v) == 0; } \
static always_inline int prefix##_inc_and_test(prefix##_t *v) { return prefix##_add_return(1, v) == 0; } \
static always_inline int prefix##_dec_and_test(prefix##_t *v) { return prefix##_sub_return(1, v) == 0; } \
static always_inline int prefix##_add_negative(type i, prefix##_t *v) { return prefix##_add_return(i, v) < 0; } \
static always_inline type prefix##_cmpxchg(prefix##_t *v, type old, type new) { return cmpxchg(&v->counter, old, new); } \
static always_inline type prefix##_xchg(prefix##_t *v, type new) { return xchg(&v->counter, new); } \
\
/* Adds `i` unless the value is `u`; returns the value found. */ \
static always_inline type prefix##_fetch_add_unless(prefix##_t *v, type i, type u) \
{ \
    type found = prefix##_read(v), before; \
\
    while ( found != u && (before = prefix##_cmpxchg(v, found, found + i)) != found ) \
        found = before; \
    return found; \
}

MACHINE_ATOMIC(atomic, int)
MACHINE_ATOMIC(atomic64, long)

/* In Xen this returns what was there, in Linux whether something was added: the same truth value where `u` is 0. */
#define atomic_add_unless(v, i, u)   atomic_fetch_add_unless(v, i, u)
#define atomic64_add_unless(v, i, u) atomic64_fetch_add_unless(v, i, u)
#define atomic_inc_not_zero(v)       (atomic_fetch_add_unless(v, 1, 0) != 0)
#define atomic64_inc_not_zero(v)     (atomic64_fetch_add_unless(v, 1, 0) != 0)

#define atomic_compareandswap(old, new, v) ((atomic_t){ atomic_cmpxchg(v, (old).counter, (new).counter) })

#endif /* __XEN_ATOMIC_H__ */
