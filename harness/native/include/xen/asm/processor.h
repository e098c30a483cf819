/* See <xen/system.h>: there is one machine. */
#ifndef __ASM_PROCESSOR_H__
#define __ASM_PROCESSOR_H__

#include <xen/system.h>

#endif /* __ASM_PROCESSOR_H__ */
