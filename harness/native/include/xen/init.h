/* What runs at boot. */
#ifndef __XEN_INIT_H__
#define __XEN_INIT_H__

#include <xen/compiler.h>

#define __init
#define __exit
#define __initdata
#define __initconst
#define __initconstrel
#define __exitdata
#define __cpuinit
#define __cpuinitdata
#define __devinit

typedef int (*initcall_t)(void);
typedef void (*exitcall_t)(void);

/*
 * Nobody goes through these at boot: the suite calls what a stage has to be booted with. A function that is named here is there and of
 * the right type, and that is all.
 */
#define machine_initcall(function) static __maybe_unused initcall_t const __initcall_##function = function
#define presmp_initcall(function)  machine_initcall(function)
#define __initcall(function)       machine_initcall(function)
#define core_initcall(function)    machine_initcall(function)
#define subsys_initcall(function)  machine_initcall(function)
#define device_initcall(function)  machine_initcall(function)
#define late_initcall(function)    machine_initcall(function)
#define module_init(function)      machine_initcall(function)
#define __exitcall(function) static __maybe_unused exitcall_t const __exitcall_##function = function

#endif /* __XEN_INIT_H__ */
