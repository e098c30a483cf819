/* See <xen/system.h>. */
#ifndef __XEN_PREEMPT_H__
#define __XEN_PREEMPT_H__

#include <xen/system.h>

#endif /* __XEN_PREEMPT_H__ */
