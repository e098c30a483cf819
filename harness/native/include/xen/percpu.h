/* Data that there is one of for each CPU: an array by slots. CPUs are known by numbers, which machine_cpu_slot() has the slots of. */
#ifndef __XEN_PERCPU_H__
#define __XEN_PERCPU_H__

#include <machine.h>
#include <xen/compiler.h>
#include <xen/config.h>

#define DECLARE_PER_CPU(type, name)             extern __typeof__(type) per_cpu__##name[MACHINE_CPUS]
#define DEFINE_PER_CPU(type, name)              __typeof__(type) per_cpu__##name[MACHINE_CPUS]
#define DECLARE_PER_CPU_READ_MOSTLY(type, name) DECLARE_PER_CPU(type, name)
#define DEFINE_PER_CPU_READ_MOSTLY(type, name)  DEFINE_PER_CPU(type, name)
#define DEFINE_PER_CPU_SHARED_ALIGNED(type, name) DEFINE_PER_CPU(type, name)
#define EXPORT_PER_CPU_SYMBOL(name)

#define per_cpu(name, cpu)   (per_cpu__##name[machine_cpu_slot(cpu)])
#define this_cpu(name)       per_cpu(name, machine_cpu())
#define __get_cpu_var(name)  this_cpu(name)
#define get_cpu_var(name)    this_cpu(name)
#define put_cpu_var(name)    ((void)0)

#define this_cpu_read(name)         READ_ONCE(this_cpu(name))
#define this_cpu_write(name, value) WRITE_ONCE(this_cpu(name), value)

#endif /* __XEN_PERCPU_H__ */
