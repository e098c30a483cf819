/* See <xen/smp.h>: there is one machine. */
#ifndef __ASM_CURRENT_H__
#define __ASM_CURRENT_H__

#include <xen/smp.h>

#endif /* __ASM_CURRENT_H__ */
