/* See <xen/softirq.h>: there is one machine. */
#ifndef __ASM_SOFTIRQ_H__
#define __ASM_SOFTIRQ_H__

#include <xen/softirq.h>

#endif /* __ASM_SOFTIRQ_H__ */
