/* See <xen/cache.h>: there is one machine. */
#ifndef __ASM_CACHE_H__
#define __ASM_CACHE_H__

#include <xen/cache.h>

#endif /* __ASM_CACHE_H__ */
