/*
 * A queue of at most SLOTS entries in an array. An entry that is taken out of
 * the middle leaves a hole: its bit in the map is clear.
 */
#ifndef __SLOTS_H__
#define __SLOTS_H__

#include <xen/bitops.h>

#define SLOTS 16

struct slots
{
    unsigned int head, tail;
    DECLARE_BITMAP(used, SLOTS);
    void *entry[SLOTS];
};

static inline unsigned int slots_first(struct slots *s)
{
    while ( s->head != s->tail && !(s->used[0] & BIT(s->head % SLOTS)) )
        s->head++;

    return s->head;
}

static inline bool_t slots_empty(struct slots *s)
{
    return slots_first(s) == s->tail;
}

static inline int slots_put(struct slots *s, void *what)
{
    unsigned int at = s->tail % SLOTS;

    slots_first(s);
    if ( s->tail - s->head == SLOTS )
        return -1;

    s->entry[at] = what;
    __set_bit(at, s->used);
    s->tail++;

    return at;
}

static inline void slots_clear(struct slots *s, unsigned int at)
{
    __clear_bit(at, s->used);
    s->entry[at] = NULL;
}

static inline void *slots_get(struct slots *s)
{
    unsigned int at = slots_first(s) % SLOTS;
    void *what = s->entry[at];

    slots_clear(s, at);
    s->head++;

    return what;
}

#endif /* __SLOTS_H__ */
