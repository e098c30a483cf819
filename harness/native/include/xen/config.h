/* What the emulated machine is configured as. */
#ifndef __XEN_CONFIG_H__
#define __XEN_CONFIG_H__

#include <machine.h>
#include <xen/compiler.h>

#define BITS_PER_LONG (__SIZEOF_LONG__ * 8)
#define BYTES_PER_LONG __SIZEOF_LONG__

/* Numbers of CPUs are below this; few of them are those of a CPU. */
#define NR_CPUS MACHINE_NR_CPUS
#define nr_cpu_ids MACHINE_NR_CPUS
#define CONFIG_SMP 1

/* There are no modules to export to. */
#define EXPORT_SYMBOL(name)
#define EXPORT_SYMBOL_GPL(name)
#define MODULE_LICENSE(name)

#define KB(n) ((n) * 1024ul)
#define MB(n) ((n) * 1024ul * 1024ul)

#endif /* __XEN_CONFIG_H__ */
