/* See <xen/percpu.h>: there is one machine. */
#ifndef __ASM_PERCPU_H__
#define __ASM_PERCPU_H__

#include <xen/percpu.h>

#endif /* __ASM_PERCPU_H__ */
