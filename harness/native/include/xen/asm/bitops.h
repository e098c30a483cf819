/* See <xen/bitops.h>: there is one machine. */
#ifndef __ASM_BITOPS_H__
#define __ASM_BITOPS_H__

#include <xen/bitops.h>

#endif /* __ASM_BITOPS_H__ */
