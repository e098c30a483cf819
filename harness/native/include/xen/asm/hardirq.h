/* See <xen/system.h>: there is one machine. */
#ifndef __ASM_HARDIRQ_H__
#define __ASM_HARDIRQ_H__

#include <xen/system.h>

#endif /* __ASM_HARDIRQ_H__ */
