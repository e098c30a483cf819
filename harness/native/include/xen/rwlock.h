/* See <xen/spinlock.h>. */
#ifndef __XEN_RWLOCK_H__
#define __XEN_RWLOCK_H__

#include <xen/spinlock.h>

#endif /* __XEN_RWLOCK_H__ */
