/* See <xen/spinlock.h>: there is one machine. */
#ifndef __ASM_SPINLOCK_H__
#define __ASM_SPINLOCK_H__

#include <xen/spinlock.h>

#endif /* __ASM_SPINLOCK_H__ */
