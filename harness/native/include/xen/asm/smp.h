/* See <xen/smp.h>: there is one machine. */
#ifndef __ASM_SMP_H__
#define __ASM_SMP_H__

#include <xen/smp.h>

#endif /* __ASM_SMP_H__ */
