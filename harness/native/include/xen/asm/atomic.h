/* See <xen/atomic.h>: there is one machine. */
#ifndef __ASM_ATOMIC_H__
#define __ASM_ATOMIC_H__

#include <xen/atomic.h>

#endif /* __ASM_ATOMIC_H__ */
