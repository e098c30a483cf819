/* See <xen/bug.h>: there is one machine. */
#ifndef __ASM_BUG_H__
#define __ASM_BUG_H__

#include <xen/bug.h>

#endif /* __ASM_BUG_H__ */
