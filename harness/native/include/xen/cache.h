/* Cache lines of the emulated machine. */
#ifndef __XEN_CACHE_H__
#define __XEN_CACHE_H__

#include <xen/compiler.h>

#define L1_CACHE_SHIFT 6
#define L1_CACHE_BYTES (1 << L1_CACHE_SHIFT)
#define SMP_CACHE_BYTES L1_CACHE_BYTES
#define ____cacheline_aligned __cacheline_aligned
#define ____cacheline_aligned_in_smp __cacheline_aligned
#define __cacheline_aligned_in_smp __cacheline_aligned

#endif /* __XEN_CACHE_H__ */
