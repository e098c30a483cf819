/* What the compiler is told. */
#ifndef __XEN_COMPILER_H__
#define __XEN_COMPILER_H__

#include <stddef.h>

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define always_inline   __inline__ __attribute__((__always_inline__, __unused__))
#define __always_inline always_inline
#define noinline        __attribute__((__noinline__))
#define noreturn        __attribute__((__noreturn__))

#define __packed       __attribute__((__packed__))
#define __aligned(n)   __attribute__((__aligned__(n)))
#define __used         __attribute__((__used__))
#define __unused       __attribute__((__unused__))
#define __maybe_unused __attribute__((__unused__))
#define __must_check   __attribute__((__warn_unused_result__))
#define __deprecated   __attribute__((__deprecated__))
#define __pure         __attribute__((__pure__))
#define __attribute_pure__  __attribute__((__pure__))
#define __attribute_const__ __attribute__((__const__))
#define __printf(format, first) __attribute__((__format__(__printf__, format, first)))

/* Data stays where it can be found, whatever section a kernel would put it in. */
#define __section(name)
#define __read_mostly
#define __cacheline_aligned __aligned(64)

/* What analysers of kernel code look at. */
#define __user
#define __kernel
#define __iomem
#define __force
#define __acquires(lock)
#define __releases(lock)
#define __must_hold(lock)

#ifndef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#endif
#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))

#ifndef fallthrough
#define fallthrough __attribute__((__fallthrough__))
#endif
#define unreachable() __builtin_unreachable()

/* Keeps the compiler from moving accesses; for the CPU, and for other CPUs, it is nothing. */
#define barrier() __asm__ volatile ( "" : : : "memory" )

/* Marked accesses: once, whole, and as written. The compiler and the machine know them by `volatile`. */
#define ACCESS_ONCE(x)   (*(volatile __typeof__(x) *)&(x))
#define READ_ONCE(x)     (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) do { *(volatile __typeof__(x) *)&(x) = (v); } while ( 0 )

/* This file, for messages, without a path. */
#ifdef __FILE_NAME__
#define MACHINE_FILE __FILE_NAME__
#else
#define MACHINE_FILE __FILE__
#endif

#endif /* __XEN_COMPILER_H__ */
