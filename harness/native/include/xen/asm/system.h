/* See <xen/system.h>: there is one machine. */
#ifndef __ASM_SYSTEM_H__
#define __ASM_SYSTEM_H__

#include <xen/system.h>

#endif /* __ASM_SYSTEM_H__ */
