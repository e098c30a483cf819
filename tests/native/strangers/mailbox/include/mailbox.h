// A stack that anybody pushes to, and whose owner takes all at once. Lock-free.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct letter {
  struct letter *next;
} letter_t;

typedef struct {
  _Atomic(letter_t *) top;
} mailbox_t;

static inline void mailbox_push(mailbox_t *box, letter_t *letter) {
  letter_t *top = atomic_load_explicit(&box->top, memory_order_relaxed);
  do
    letter->next = top;
  while (!atomic_compare_exchange_weak(&box->top, &top, letter));
}

static inline bool mailbox_has_any(mailbox_t *box) {
  return atomic_load_explicit(&box->top, memory_order_acquire) != NULL;
}

// All letters, the oldest first.
static inline letter_t *mailbox_take(mailbox_t *box) {
  letter_t *top = atomic_exchange(&box->top, NULL), *oldest = NULL;

  while (top) {
    letter_t *next = top->next;
    top->next = oldest;
    oldest = top;
    top = next;
  }
  return oldest;
}
