/* See <xen/system.h>. */
#ifndef __XEN_IRQ_H__
#define __XEN_IRQ_H__

#include <xen/system.h>

#endif /* __XEN_IRQ_H__ */
