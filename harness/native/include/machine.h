/*
 * What C code may ask of the emulated machine.
 *
 * The headers of a dialect are written on this one; code under test includes those and not this. Every function here but machine_cpu(),
 * machine_cpu_slot() and machine_cpu_number() is a request: other CPUs, interrupts and devices may come in before it.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stddef.h>

/* How many CPUs there can be, and below what their numbers are. Data that there is one of for each CPU is an array by slot. */
#define MACHINE_CPUS 128
#define MACHINE_NR_CPUS 128

enum machine_service {
    MACHINE_NO_SERVICE,
    /* (lock); with _IRQSAVE, returns the flags. */
    MACHINE_SPIN_LOCK,
    MACHINE_SPIN_UNLOCK,
    MACHINE_SPIN_LOCK_IRQ,
    MACHINE_SPIN_UNLOCK_IRQ,
    MACHINE_SPIN_LOCK_IRQSAVE,
    /* (lock, flags) */
    MACHINE_SPIN_UNLOCK_IRQRESTORE,
    /* (lock); returns whether it has been taken, or is taken. */
    MACHINE_SPIN_TRYLOCK,
    MACHINE_SPIN_IS_LOCKED,
    MACHINE_IRQ_DISABLE,
    MACHINE_IRQ_ENABLE,
    /* Returns the flags. */
    MACHINE_IRQ_SAVE,
    /* (flags) */
    MACHINE_IRQ_RESTORE,
    MACHINE_IRQ_IS_ENABLED,
    MACHINE_IN_IRQ,
    MACHINE_CPU_RELAX,
    MACHINE_SMP_MB,
    MACHINE_SMP_RMB,
    MACHINE_SMP_WMB,
    MACHINE_MB_BEFORE_ATOMIC,
    MACHINE_MB_AFTER_ATOMIC,
    /* (number, void (*)(void)) */
    MACHINE_OPEN_SOFTIRQ,
    /* (number) */
    MACHINE_RAISE_SOFTIRQ,
    /* (cpu, number) */
    MACHINE_CPU_RAISE_SOFTIRQ,
    MACHINE_PROCESS_PENDING_SOFTIRQS,
    /* (const unsigned long mask[2], void (*)(void *), argument, whether to wait) */
    MACHINE_ON_SELECTED_CPUS,
    /* (cpu) */
    MACHINE_CPU_ONLINE,
    /* (int (*)(void *self, unsigned long action, void *cpu), self) */
    MACHINE_REGISTER_CPU_NOTIFIER,
    /* (text, file, line) */
    MACHINE_BUG,
    MACHINE_WARN,
    /* (text) */
    MACHINE_PRINTK,
    /* (text, node) */
    MACHINE_LIST_CORRUPTION,
    /* (number of a CPU that there is not): per-CPU data of it is used. */
    MACHINE_NO_SUCH_CPU,
    /* (address, what is wrong): freed memory is touched or freed again, or what is freed was never allocated. */
    MACHINE_FREED_MEMORY,
    /* (signal or 0, address): an access to memory that is not the code's, or another fault. */
    MACHINE_FAULT,
    /* The code goes on and on and asks for nothing. */
    MACHINE_HANG,
    /* (handle): a function of the program, of which C has a handle. */
    MACHINE_CALL_BACK,
    MACHINE_SERVICES
};

/* What MACHINE_REGISTER_CPU_NOTIFIER's function is told. */
enum machine_hotplug { MACHINE_CPU_UP_PREPARE = 1, MACHINE_CPU_UP_CANCELED, MACHINE_CPU_DEAD };

unsigned long machine_call(enum machine_service nr, unsigned long a, unsigned long b, unsigned long c, unsigned long d);

/* This CPU's number; the slot of the CPU of a number; the number of the CPU in a slot, ~0ul if there is none. */
unsigned int machine_cpu(void);
unsigned int machine_cpu_slot(unsigned int cpu);
unsigned long machine_cpu_number(unsigned int slot);

/* A function of the program that runs: which, is known by the handle that comes with it. The lowest ones are for static declarations. */
void machine_call_back(unsigned long handle);

/* Bits are numbered from 0, in words of 32 bits. Those that return nothing are no barriers but on x86. */
int machine_test_bit(int nr, const volatile void *address);
void machine_set_bit(int nr, volatile void *address);
void machine_clear_bit(int nr, volatile void *address);
void machine_change_bit(int nr, volatile void *address);
int machine_test_and_set_bit(int nr, volatile void *address);
int machine_test_and_clear_bit(int nr, volatile void *address);
int machine_test_and_change_bit(int nr, volatile void *address);

void *machine_memset(void *to, int byte, size_t size);
void *machine_memcpy(void *to, const void *from, size_t size);
void *machine_memmove(void *to, const void *from, size_t size);
int machine_memcmp(const void *one, const void *other, size_t size);

/* Memory that has never been touched holds garbage unless it is zeroed; NULL when there is no more. */
void *machine_alloc(size_t size, int zeroed);
void machine_free(void *memory);

void machine_printk(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether there is memory that code may touch: no request. */
int machine_is_memory(const volatile void *memory, size_t size);

/* Code that looks at memory without being seen: for checks that the real machine would not make. */
#define MACHINE_UNSEEN __attribute__((__no_sanitize__("thread"), __noinline__))

#endif
