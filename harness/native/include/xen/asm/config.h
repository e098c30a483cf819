/* See <xen/config.h>: there is one machine. */
#ifndef __ASM_CONFIG_H__
#define __ASM_CONFIG_H__

#include <xen/config.h>

#endif /* __ASM_CONFIG_H__ */
