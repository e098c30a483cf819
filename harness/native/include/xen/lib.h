/* What nearly every file includes. */
#ifndef __XEN_LIB_H__
#define __XEN_LIB_H__

#include <stdarg.h>
#include <xen/bug.h>
#include <xen/compiler.h>
#include <xen/config.h>
#include <xen/errno.h>
#include <xen/kernel.h>
#include <xen/string.h>
#include <xen/system.h>
#include <xen/types.h>

/* Everything is shown, in the counterexample in which it is said: levels change nothing. */
#define KERN_EMERG   ""
#define KERN_ALERT   ""
#define KERN_CRIT    ""
#define KERN_ERR     ""
#define KERN_WARNING ""
#define KERN_NOTICE  ""
#define KERN_INFO    ""
#define KERN_DEBUG   ""
#define XENLOG_ERR     ""
#define XENLOG_WARNING ""
#define XENLOG_INFO    ""
#define XENLOG_DEBUG   ""
#define XENLOG_GUEST   ""
#define XENLOG_G_ERR     ""
#define XENLOG_G_WARNING ""
#define XENLOG_G_INFO    ""
#define XENLOG_G_DEBUG   ""

#define printk(...)       machine_printk(__VA_ARGS__)
#define early_printk(...) machine_printk(__VA_ARGS__)
#define guest_printk(domain, ...) ((void)(domain), machine_printk(__VA_ARGS__))
#define dprintk(level, format, ...)  machine_printk(level "%s:%d: " format, MACHINE_FILE, __LINE__, ##__VA_ARGS__)
#define gdprintk(level, format, ...) dprintk(level, format, ##__VA_ARGS__)
#define gprintk(level, format, ...)  machine_printk(level format, ##__VA_ARGS__)
#define pr_err(...)   machine_printk(__VA_ARGS__)
#define pr_warn(...)  machine_printk(__VA_ARGS__)
#define pr_info(...)  machine_printk(__VA_ARGS__)
#define pr_debug(...) machine_printk(__VA_ARGS__)

#define panic(...) do { machine_printk(__VA_ARGS__); machine_bug("panic()"); } while ( 0 )

#define dump_execution_state() ((void)0)

#endif /* __XEN_LIB_H__ */
