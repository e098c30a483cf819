/*
 * Lists whose links are in what they link: circles with a head, and chains with a head of one pointer.
 *
 * Their operations are plain accesses. Before they change a circle, they look whether it is one, as a debugging kernel does; nobody sees
 * that they look.
 */
#ifndef __XEN_LIST_H__
#define __XEN_LIST_H__

#include <machine.h>
#include <xen/compiler.h>
#include <xen/system.h>

struct list_head {
    struct list_head *next, *prev;
};

/* What the links of a node lead to when it has been taken off: nowhere, and recognisably so. */
#define LIST_POISON1 ((void *)0xdead000000000100ul)
#define LIST_POISON2 ((void *)0xdead000000000200ul)

#define LIST_HEAD_INIT(name) { &(name), &(name) }
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)
#define LIST_HEAD_READ_MOSTLY(name) LIST_HEAD(name)

/* What is wrong with a list, if anything is. Code that nobody sees looks; whoever has called it is where it went wrong. */

#define machine_check_list(wrong, node) \
    do { \
        const char *wrong_ = (wrong); \
        if ( unlikely(wrong_) ) \
            machine_call2(MACHINE_LIST_CORRUPTION, wrong_, node); \
    } while ( 0 )

MACHINE_UNSEEN static __maybe_unused int machine_is_node(const struct list_head *node)
{
    return machine_is_memory(node, sizeof(*node));
}

/* Nobody has made the node of this link one: zeros, or what was there before. */
MACHINE_UNSEEN static __maybe_unused int machine_is_raw(const struct list_head *link)
{
    return link != LIST_POISON1 && link != LIST_POISON2 && !machine_is_node(link);
}

/* `node` is to be taken from between its neighbours. */
MACHINE_UNSEEN static __maybe_unused const char *machine_wrong_to_unlink(
    const struct list_head *node, const struct list_head *prev, const struct list_head *next)
{
    if ( next == LIST_POISON1 || prev == LIST_POISON2 )
        return "unlinks a list node that is poisoned (unlinked twice)";
    if ( machine_is_raw(next) || machine_is_raw(prev) )
        return "unlinks a list node that was never initialised";
    if ( !machine_is_node(next) || !machine_is_node(prev) || prev->next != node || next->prev != node )
        return "unlinks a list node whose neighbours do not point to it";
    return NULL;
}

/* `node` is to be put between two others. Of what was never initialised, the links may lead anywhere. */
MACHINE_UNSEEN static __maybe_unused const char *machine_wrong_to_link(
    const struct list_head *node, const struct list_head *prev, const struct list_head *next)
{
    if ( machine_is_raw(prev) || machine_is_raw(next) )
        return "adds a node to a list that was never initialised";
    if ( !machine_is_node(prev) || !machine_is_node(next) || prev->next != next || next->prev != prev )
        return "adds a node to a list whose entries do not point to each other there";
    if ( node == prev || node == next || (node->next != node && machine_is_node(node->next) && node->next->prev == node) )
        return "adds a list node that is linked elsewhere";
    return NULL;
}

/* The first link of a list has been read. */
MACHINE_UNSEEN static __maybe_unused const char *machine_wrong_to_read(const struct list_head *next)
{
    return machine_is_raw(next) ? "looks at a list that was never initialised" : NULL;
}

/* Circles. */

static always_inline void INIT_LIST_HEAD(struct list_head *list)
{
    list->next = list;
    list->prev = list;
}

static always_inline void __list_add(struct list_head *node, struct list_head *prev, struct list_head *next)
{
    machine_check_list(machine_wrong_to_link(node, prev, next), node);
    next->prev = node;
    node->next = next;
    node->prev = prev;
    prev->next = node;
}

static always_inline void list_add(struct list_head *node, struct list_head *head)
{
    __list_add(node, head, head->next);
}

static always_inline void list_add_tail(struct list_head *node, struct list_head *head)
{
    __list_add(node, head->prev, head);
}

static always_inline void __list_del(struct list_head *prev, struct list_head *next)
{
    next->prev = prev;
    prev->next = next;
}

static always_inline void __list_del_entry(struct list_head *node)
{
    struct list_head *prev = node->prev, *next = node->next;

    machine_check_list(machine_wrong_to_unlink(node, prev, next), node);
    __list_del(prev, next);
}

static always_inline void list_del(struct list_head *node)
{
    __list_del_entry(node);
    node->next = LIST_POISON1;
    node->prev = LIST_POISON2;
}

static always_inline void list_del_init(struct list_head *node)
{
    __list_del_entry(node);
    INIT_LIST_HEAD(node);
}

/* Puts `node` where `old` was. */
static always_inline void list_replace(struct list_head *old, struct list_head *node)
{
    struct list_head *prev = old->prev, *next = old->next;

    machine_check_list(machine_wrong_to_unlink(old, prev, next), old);
    node->next = next;
    next->prev = node;
    node->prev = prev;
    prev->next = node;
}

static always_inline void list_replace_init(struct list_head *old, struct list_head *node)
{
    list_replace(old, node);
    INIT_LIST_HEAD(old);
}

static always_inline void list_move(struct list_head *node, struct list_head *head)
{
    __list_del_entry(node);
    list_add(node, head);
}

static always_inline void list_move_tail(struct list_head *node, struct list_head *head)
{
    __list_del_entry(node);
    list_add_tail(node, head);
}

static always_inline int list_empty(const struct list_head *head)
{
    const struct list_head *next = head->next;

    machine_check_list(machine_wrong_to_read(next), head);
    return next == head;
}

static always_inline int list_empty_careful(const struct list_head *head)
{
    const struct list_head *next = READ_ONCE(head->next);

    machine_check_list(machine_wrong_to_read(next), head);
    return next == head && next == READ_ONCE(head->prev);
}

static always_inline int list_is_last(const struct list_head *node, const struct list_head *head)
{
    return node->next == head;
}

static always_inline int list_is_first(const struct list_head *node, const struct list_head *head)
{
    return node->prev == head;
}

static always_inline int list_is_singular(const struct list_head *head)
{
    return !list_empty(head) && head->next == head->prev;
}

static always_inline void list_rotate_left(struct list_head *head)
{
    if ( !list_empty(head) )
        list_move_tail(head->next, head);
}

/* All that is in `list`, which is not empty, comes between two nodes. */
static always_inline void __list_splice(const struct list_head *list, struct list_head *prev, struct list_head *next)
{
    struct list_head *first = list->next, *last = list->prev;

    first->prev = prev;
    prev->next = first;
    last->next = next;
    next->prev = last;
}

static always_inline void list_splice(const struct list_head *list, struct list_head *head)
{
    if ( !list_empty(list) )
        __list_splice(list, head, head->next);
}

static always_inline void list_splice_tail(const struct list_head *list, struct list_head *head)
{
    if ( !list_empty(list) )
        __list_splice(list, head->prev, head);
}

static always_inline void list_splice_init(struct list_head *list, struct list_head *head)
{
    if ( !list_empty(list) )
    {
        __list_splice(list, head, head->next);
        INIT_LIST_HEAD(list);
    }
}

static always_inline void list_splice_tail_init(struct list_head *list, struct list_head *head)
{
    if ( !list_empty(list) )
    {
        __list_splice(list, head->prev, head);
        INIT_LIST_HEAD(list);
    }
}

/* Moves what comes up to `entry`, with it, from `head` to the empty `list`. */
static always_inline void list_cut_position(struct list_head *list, struct list_head *head, struct list_head *entry)
{
    struct list_head *first, *rest;

    if ( list_empty(head) )
        return;
    if ( entry == head )
    {
        INIT_LIST_HEAD(list);
        return;
    }
    first = head->next;
    rest = entry->next;
    list->next = first;
    first->prev = list;
    list->prev = entry;
    entry->next = list;
    head->next = rest;
    rest->prev = head;
}

#define list_entry(node, type, member)       container_of(node, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_last_entry(head, type, member)  list_entry((head)->prev, type, member)
#define list_first_entry_or_null(head, type, member) \
    (!list_empty(head) ? list_first_entry(head, type, member) : NULL)
#define list_next_entry(pos, member) list_entry((pos)->member.next, __typeof__(*(pos)), member)
#define list_prev_entry(pos, member) list_entry((pos)->member.prev, __typeof__(*(pos)), member)

#define list_for_each(node, head) \
    for ( node = (head)->next; node != (head); node = node->next )
#define __list_for_each(node, head) list_for_each(node, head)
#define list_for_each_prev(node, head) \
    for ( node = (head)->prev; node != (head); node = node->prev )
#define list_for_each_safe(node, after, head) \
    for ( node = (head)->next, after = node->next; node != (head); node = after, after = node->next )
#define list_for_each_backwards_safe(node, after, head) \
    for ( node = (head)->prev, after = node->prev; node != (head); node = after, after = node->prev )
#define list_for_each_prev_safe(node, after, head) list_for_each_backwards_safe(node, after, head)

#define list_for_each_entry(pos, head, member) \
    for ( pos = list_entry((head)->next, __typeof__(*pos), member); \
          &pos->member != (head); pos = list_next_entry(pos, member) )
#define list_for_each_entry_reverse(pos, head, member) \
    for ( pos = list_entry((head)->prev, __typeof__(*pos), member); \
          &pos->member != (head); pos = list_prev_entry(pos, member) )

/* Behind `pos`, in front of it, and from it on. */
#define list_prepare_entry(pos, head, member) \
    ((pos) ? (pos) : list_entry(head, __typeof__(*pos), member))
#define list_for_each_entry_continue(pos, head, member) \
    for ( pos = list_next_entry(pos, member); &pos->member != (head); pos = list_next_entry(pos, member) )
#define list_for_each_entry_continue_reverse(pos, head, member) \
    for ( pos = list_prev_entry(pos, member); &pos->member != (head); pos = list_prev_entry(pos, member) )
#define list_for_each_entry_from(pos, head, member) \
    for ( ; &pos->member != (head); pos = list_next_entry(pos, member) )

/* The entry may be taken off the list meanwhile. */
#define list_for_each_entry_safe(pos, after, head, member) \
    for ( pos = list_entry((head)->next, __typeof__(*pos), member), after = list_next_entry(pos, member); \
          &pos->member != (head); pos = after, after = list_next_entry(after, member) )
#define list_for_each_entry_safe_continue(pos, after, head, member) \
    for ( pos = list_next_entry(pos, member), after = list_next_entry(pos, member); \
          &pos->member != (head); pos = after, after = list_next_entry(after, member) )
#define list_for_each_entry_safe_from(pos, after, head, member) \
    for ( after = list_next_entry(pos, member); \
          &pos->member != (head); pos = after, after = list_next_entry(after, member) )
#define list_for_each_entry_safe_reverse(pos, after, head, member) \
    for ( pos = list_entry((head)->prev, __typeof__(*pos), member), after = list_prev_entry(pos, member); \
          &pos->member != (head); pos = after, after = list_prev_entry(after, member) )

/* Chains: the head is one pointer, and a node knows the pointer that leads to it. */

struct hlist_node {
    struct hlist_node *next, **pprev;
};

struct hlist_head {
    struct hlist_node *first;
};

#define HLIST_HEAD_INIT { .first = NULL }
#define HLIST_HEAD(name) struct hlist_head name = HLIST_HEAD_INIT
#define INIT_HLIST_HEAD(head) ((head)->first = NULL)

static always_inline void INIT_HLIST_NODE(struct hlist_node *node)
{
    node->next = NULL;
    node->pprev = NULL;
}

static always_inline int hlist_unhashed(const struct hlist_node *node)
{
    return !node->pprev;
}

static always_inline int hlist_empty(const struct hlist_head *head)
{
    return !head->first;
}

MACHINE_UNSEEN static __maybe_unused const char *machine_wrong_to_unchain(
    const struct hlist_node *node, struct hlist_node *const *pprev, const struct hlist_node *next)
{
    if ( next == LIST_POISON1 || pprev == LIST_POISON2 )
        return "unlinks a list node that is poisoned (unlinked twice)";
    if ( !machine_is_memory(pprev, sizeof(*pprev)) || (next && !machine_is_memory(next, sizeof(*next))) )
        return "unlinks a list node that is in no list";
    if ( *pprev != node || (next && next->pprev != &node->next) )
        return "unlinks a list node whose neighbours do not point to it";
    return NULL;
}

static always_inline void __hlist_del(struct hlist_node *node)
{
    struct hlist_node *next = node->next, **pprev = node->pprev;

    machine_check_list(machine_wrong_to_unchain(node, pprev, next), node);
    *pprev = next;
    if ( next )
        next->pprev = pprev;
}

static always_inline void hlist_del(struct hlist_node *node)
{
    __hlist_del(node);
    node->next = LIST_POISON1;
    node->pprev = LIST_POISON2;
}

static always_inline void hlist_del_init(struct hlist_node *node)
{
    if ( !hlist_unhashed(node) )
    {
        __hlist_del(node);
        INIT_HLIST_NODE(node);
    }
}

static always_inline void hlist_add_head(struct hlist_node *node, struct hlist_head *head)
{
    struct hlist_node *first = head->first;

    node->next = first;
    if ( first )
        first->pprev = &node->next;
    head->first = node;
    node->pprev = &head->first;
}

/* `next` is in a chain. */
static always_inline void hlist_add_before(struct hlist_node *node, struct hlist_node *next)
{
    struct hlist_node **pprev = next->pprev;

    node->pprev = pprev;
    node->next = next;
    next->pprev = &node->next;
    *pprev = node;
}

/* Puts `node` behind `prev`, which is in a chain; hlist_add_after() has them the other way round. */
static always_inline void hlist_add_behind(struct hlist_node *node, struct hlist_node *prev)
{
    struct hlist_node *next = prev->next;

    node->next = next;
    prev->next = node;
    node->pprev = &prev->next;
    if ( next )
        next->pprev = &node->next;
}
#define hlist_add_after(prev, node) hlist_add_behind(node, prev)

#define hlist_entry(node, type, member) container_of(node, type, member)
#define hlist_entry_safe(node, type, member) \
    ({ __typeof__(node) entry_ = (node); entry_ ? hlist_entry(entry_, type, member) : NULL; })

#define hlist_for_each(node, head) \
    for ( node = (head)->first; node; node = node->next )
#define hlist_for_each_safe(node, after, head) \
    for ( node = (head)->first; node && (after = node->next, 1); node = after )

/* With a node to go along with, as in Xen and in Linux before 3.9, or without one. */
#define machine_of_five(a, b, c, d, e, which, ...) which
#define hlist_for_each_entry(...) \
    machine_of_five(__VA_ARGS__, , machine_each_chained_node, machine_each_chained, , )(__VA_ARGS__)
#define machine_each_chained(pos, head, member) \
    for ( pos = hlist_entry_safe((head)->first, __typeof__(*pos), member); pos; \
          pos = hlist_entry_safe(pos->member.next, __typeof__(*pos), member) )
#define machine_each_chained_node(pos, node, head, member) \
    for ( node = (head)->first; node && (pos = hlist_entry(node, __typeof__(*pos), member), 1); node = node->next )
#define hlist_for_each_entry_safe(...) \
    machine_of_five(__VA_ARGS__, machine_each_chained_node_safe, machine_each_chained_safe, , , )(__VA_ARGS__)
#define machine_each_chained_safe(pos, after, head, member) \
    for ( pos = hlist_entry_safe((head)->first, __typeof__(*pos), member); pos && (after = pos->member.next, 1); \
          pos = hlist_entry_safe(after, __typeof__(*pos), member) )
#define machine_each_chained_node_safe(pos, node, after, head, member) \
    for ( node = (head)->first; node && (after = node->next, pos = hlist_entry(node, __typeof__(*pos), member), 1); node = after )

#endif /* __XEN_LIST_H__ */
