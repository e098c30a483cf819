/* See <xen/types.h>: there is one machine. */
#ifndef __ASM_TYPES_H__
#define __ASM_TYPES_H__

#include <xen/types.h>

#endif /* __ASM_TYPES_H__ */
