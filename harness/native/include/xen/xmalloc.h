/* Memory of one's own: garbage at first, and nobody's when it has been freed. */
#ifndef __XEN_XMALLOC_H__
#define __XEN_XMALLOC_H__

#include <machine.h>
#include <xen/compiler.h>
#include <xen/types.h>

/* NULL when there is no more. What is allocated stands alone on its cache lines, so every alignment up to them is kept. */
#define xmalloc(type) ((type *)machine_alloc(sizeof(type), 0))
#define xzalloc(type) ((type *)machine_alloc(sizeof(type), 1))
#define xmalloc_bytes(size) machine_alloc(size, 0)
#define xzalloc_bytes(size) machine_alloc(size, 1)
#define xmalloc_array(type, number) ((type *)machine_alloc_array(sizeof(type), number, 0))
#define xzalloc_array(type, number) ((type *)machine_alloc_array(sizeof(type), number, 1))
#define _xmalloc(size, alignment) ((void)(alignment), machine_alloc(size, 0))
#define _xzalloc(size, alignment) ((void)(alignment), machine_alloc(size, 1))
#define xfree(memory) machine_free(memory)
#define XFREE(memory) do { machine_free(memory); (memory) = NULL; } while ( 0 )

static always_inline void *machine_alloc_array(size_t size, size_t number, int zeroed)
{
    return number <= SIZE_MAX / size ? machine_alloc(size * number, zeroed) : NULL;
}

#endif /* __XEN_XMALLOC_H__ */
