/*
 * The runtime of stages in C, loaded into a worker process before any stage is.
 *
 * The compiler calls a hook at every access of the stage to memory (-fsanitize=thread, whose own runtime is not linked) and at every basic
 * block (-fsanitize-coverage=trace-pc). Each emulated CPU has a stack here. runtime_enter() and runtime_resume() run C code until its next
 * *request*, an access or a service of the machine, and return it as a key; 0 says that the function has returned. No frame of C ever lies
 * below one of Python's, so an execution that is given up is forgotten by runtime_reset().
 *
 * A key has, from the lowest bit on: the logarithm of the size (4 bits), an operation (4 bits), an address or the number of a service.
 */
#define _GNU_SOURCE
#include "include/machine.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <sys/mman.h>
#include <ucontext.h>

typedef uintptr_t word;
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define EXPORT __attribute__((visibility("default"), used))
#define PC ((word)__builtin_return_address(0))
#define PAGE 4096ul
#define STACK (64 * 1024ul)
/* What has to be left of a stage's stack for what comes in on top of it. */
#define ROOM 4096ul
#define ARENA (1ul << 24)
#define ARENA_OF_CPU (ARENA / MACHINE_CPUS)
#define MOST_BLOCKS 20000000ul
/* A loop of which not even a basic block is seen ends after so many ticks of so many nanoseconds of this process' time. */
#define TICK 100000000l
#define MOST_TICKS 10
/* The largest text of a printk. */
#define LINE 256
#define PATTERN 0xa5

/* The operations of a key; `runtime.py` has the same. */
enum operation { DONE, LOAD, STORE, READ, WRITE, ACQUIRE, RELEASE, RMW, LOAD_RANGE, STORE_RANGE, SET_RANGE, COPY_RANGE, SERVICE };
/* The first argument of RMW. */
enum change { EXCHANGE, ADD, SUB, AND, OR, XOR, NAND, COMPARE };
/* The order of an atomic operation: C's own, and those of operations whose value nobody sees, or only the bits that they are about. */
enum { ORDER_RELAXED = 0, ORDER_ACQUIRE = 2, ORDER_RELEASE = 3, ORDER_FULL = 5, ORDER_NO_VALUE = 16, ORDER_ONE_BIT = 32 };

#define KEY(what, operation, log) ((u64)(word)(what) << 8 | (u64)(operation) << 4 | (u64)(log))

/* A call that has been entered, at its highest address: what to go back to. */
struct entered {
    void *sp;
    struct entered *base;
    word pc;
};

struct cpu {
    word pc;              /* where the code is that has made the last request */
    word number;          /* as the stage knows it */
    char *low, *top;      /* its stack */
    void *sp;             /* of the innermost code that is suspended; NULL if there is none */
    void *caller;         /* Python's stack, while code runs */
    struct entered *base; /* the bottom of that code */
    word function, argument[4];
    u64 allocated;        /* bytes of its part of the arena */
    int used;
};

/* What Python reads and writes: [0] result or reply, [1] to [4] arguments. */
EXPORT u64 runtime_request[8];
/* Accesses take effect at once, and are no requests. */
EXPORT u64 runtime_quiet = 1;
EXPORT struct cpu runtime_cpu[MACHINE_CPUS];
EXPORT u64 runtime_cpus;
/* By a CPU's number; MACHINE_CPUS, a slot of nobody's, for those that there are not. */
EXPORT u8 runtime_slot[MACHINE_NR_CPUS];
EXPORT const u64 runtime_sizes[] = { sizeof(struct cpu), STACK, ARENA, ARENA_OF_CPU };

/* The stage: all of its library, and what of it can be written. */
static char *library_low, *library_high, *data_low, *data_high;
static const char *data_before;
static u64 data_size;

EXPORT char *runtime_arena;
/* By 8 bytes of the arena: what it is now. */
enum { NEVER, FRESH, WRITTEN, FREED };
static u8 arena_state[ARENA / 8];
static u32 arena_size[ARENA / 8];
/* By 64 bytes: whether a block begins there, or goes on, that was allocated during the run. */
enum { OTHER, BEGINS, GOES_ON };
static u8 arena_made[ARENA / 64];

static struct cpu *current = runtime_cpu;
static volatile sig_atomic_t inside;
static sigjmp_buf driver;
static char signal_stack[64 * 1024];
static u64 blocks, key_asked, runs;
/* Code runs ahead, to see what it would do. */
static int peeking;

/*
 * What a CPU knows of memory: what it has last found, or left, where it has accessed it since it last paused. Others may have changed that
 * since then, or not yet: whether a loop waits must not depend on it.
 */
#define SEEN 128
struct seen {
    word at;
    u64 value;
    u8 log, read;
};
static struct turn {
    struct seen seen[SEEN]; /* a ring */
    unsigned int count;
    int open;   /* the value of the last one is what memory has at the next request */
    int opaque; /* blocks of memory were accessed as well */
} turns[MACHINE_CPUS];

/* Stacks. runtime_switch(save, load): suspend to *save what runs, go on with what was suspended to `load`. */

void runtime_switch(void **save, void *load);

#if defined(__x86_64__)
__asm__(".text\n.globl runtime_switch\n.hidden runtime_switch\n.type runtime_switch,@function\n"
        "runtime_switch:\n"
        "push %rbp\npush %rbx\npush %r12\npush %r13\npush %r14\npush %r15\n"
        "mov %rsp,(%rdi)\nmov %rsi,%rsp\n"
        "pop %r15\npop %r14\npop %r13\npop %r12\npop %rbx\npop %rbp\nret\n");

static void *new_stack(void *top, void (*code)(void))
{
    void **sp = top;

    *--sp = NULL; /* code finds the stack aligned as after a call */
    *--sp = (void *)code;
    for (int i = 0; i < 6; i++)
        *--sp = NULL;
    return sp;
}

static word pc_of(const ucontext_t *context) { return (word)context->uc_mcontext.gregs[REG_RIP]; }
static word sp_of(const ucontext_t *context) { return (word)context->uc_mcontext.gregs[REG_RSP]; }
/* Where the code goes back to that has just been called. */
static word caller_of(const ucontext_t *context) { return *(word *)sp_of(context); }
#elif defined(__aarch64__)
__asm__(".text\n.globl runtime_switch\n.hidden runtime_switch\n.type runtime_switch,%function\n"
        "runtime_switch:\n"
        "sub sp,sp,#160\n"
        "stp x19,x20,[sp]\nstp x21,x22,[sp,#16]\nstp x23,x24,[sp,#32]\nstp x25,x26,[sp,#48]\nstp x27,x28,[sp,#64]\nstp x29,x30,[sp,#80]\n"
        "stp d8,d9,[sp,#96]\nstp d10,d11,[sp,#112]\nstp d12,d13,[sp,#128]\nstp d14,d15,[sp,#144]\n"
        "mov x9,sp\nstr x9,[x0]\nmov sp,x1\n"
        "ldp x19,x20,[sp]\nldp x21,x22,[sp,#16]\nldp x23,x24,[sp,#32]\nldp x25,x26,[sp,#48]\nldp x27,x28,[sp,#64]\nldp x29,x30,[sp,#80]\n"
        "ldp d8,d9,[sp,#96]\nldp d10,d11,[sp,#112]\nldp d12,d13,[sp,#128]\nldp d14,d15,[sp,#144]\n"
        "add sp,sp,#160\nret\n");

static void *new_stack(void *top, void (*code)(void))
{
    word *sp = (word *)top - 20;

    memset(sp, 0, 160);
    sp[11] = (word)code; /* x30 */
    return sp;
}

static word pc_of(const ucontext_t *context) { return (word)context->uc_mcontext.pc; }
static word sp_of(const ucontext_t *context) { return (word)context->uc_mcontext.sp; }
static word caller_of(const ucontext_t *context) { return (word)context->uc_mcontext.regs[30]; }
#else
#error "stages in C need x86-64 or 64-bit ARM"
#endif

static u64 value_at(const volatile void *p, int log)
{
    switch (log) {
    case 0: return *(const volatile u8 *)p;
    case 1: return *(const volatile u16 *)p;
    case 2: return *(const volatile u32 *)p;
    default: return *(const volatile u64 *)p;
    }
}

static void set_value_at(volatile void *p, int log, u64 value)
{
    switch (log) {
    case 0: *(volatile u8 *)p = (u8)value; break;
    case 1: *(volatile u16 *)p = (u16)value; break;
    case 2: *(volatile u32 *)p = (u32)value; break;
    default: *(volatile u64 *)p = value;
    }
}

static void ask(u64 key, word pc)
{
    struct cpu *c = current;
    struct turn *turn = &turns[c - runtime_cpu];

    if (turn->open) {
        struct seen *last = &turn->seen[(turn->count - 1) % SEEN];

        last->value = value_at((void *)last->at, last->log);
        turn->open = 0;
    }
    c->pc = pc;
    key_asked = key;
    runtime_switch(&c->sp, c->caller);
    /* Resumed: `current` is this CPU again. */
}

static u64 ask_service(enum machine_service nr, u64 a, u64 b, u64 c, u64 d, word pc)
{
    runtime_request[1] = a;
    runtime_request[2] = b;
    runtime_request[3] = c;
    runtime_request[4] = d;
    ask(KEY(nr, SERVICE, 0), pc);
    return runtime_request[0];
}

/* What runs first on a new stack. */
static void body(void)
{
    struct cpu *c = current;
    struct entered *here = c->base;
    void *gone;

    word result = ((word(*)(word, word, word, word))c->function)(c->argument[0], c->argument[1], c->argument[2], c->argument[3]);
    c->sp = here->sp;
    c->pc = here->pc;
    c->base = here->base;
    runtime_request[0] = result;
    key_asked = DONE;
    runtime_switch(&gone, c->caller);
    __builtin_trap();
}

static u64 go_on(struct cpu *c, void *sp)
{
    current = c;
    blocks = 0;
    runs++;
    if (sigsetjmp(driver, 0) == 0) {
        inside = 1;
        runtime_switch(&c->caller, sp);
    }
    inside = 0;
    return key_asked;
}

static u64 fault(u64 number, u64 address)
{
    runtime_request[1] = number;
    runtime_request[2] = address;
    return KEY(MACHINE_FAULT, SERVICE, 0);
}

EXPORT u64 runtime_enter(u64 cpu, word function, word a, word b, word c, word d)
{
    struct cpu *on = &runtime_cpu[cpu];
    char *top = on->sp ? (char *)on->sp - 256 : on->top;
    struct entered *here = (struct entered *)((word)top & ~15ul) - 1;

    if ((char *)here - on->low < (long)ROOM)
        return fault(SIGSEGV, (word)on->low - 1);
    here->sp = on->sp;
    here->base = on->base;
    here->pc = on->pc;
    on->base = here;
    on->function = function;
    on->argument[0] = a;
    on->argument[1] = b;
    on->argument[2] = c;
    on->argument[3] = d;
    on->used = 1;
    return go_on(on, new_stack((void *)((word)here & ~15ul), body));
}

EXPORT u64 runtime_resume(unsigned int cpu)
{
    struct cpu *on = &runtime_cpu[cpu];

    return go_on(on, on->sp);
}

/* A number for what the suspended code of a CPU carries: its stack, and on it its registers. */
EXPORT u64 runtime_carried(u64 cpu)
{
    struct cpu *on = &runtime_cpu[cpu];
    u64 hash = 14695981039346656037ul;

    if (on->sp)
        for (u64 *at = on->sp; at < (u64 *)on->base; at++)
            hash = (hash ^ *at) * 1099511628211ul;
    return hash;
}

static void keep_arena(char *to, const char *from)
{
    for (unsigned int i = 0; i < runtime_cpus; i++)
        memcpy(to + i * ARENA_OF_CPU, from + i * ARENA_OF_CPU, runtime_cpu[i].allocated);
}

/* What a CPU knows of, from the oldest, 0, on. */
static unsigned int how_many(const struct turn *turn) { return turn->count < SEEN ? turn->count : SEEN; }
static struct seen *known(struct turn *turn, unsigned int nr) { return &turn->seen[(turn->count - how_many(turn) + nr) % SEEN]; }

static int on_own_stack(const struct cpu *on, const struct seen *seen)
{
    return seen->at >= (word)on->low && seen->at < (word)on->top;
}

/* Put in memory what a CPU knows of it, but for what is on its stack; `before` is what was there. */
static void put_in_place(const struct cpu *on, u64 *before)
{
    struct turn *turn = &turns[on - runtime_cpu];

    for (unsigned int nr = 0; nr < how_many(turn); nr++) {
        struct seen *seen = known(turn, nr);

        before[nr] = value_at((void *)seen->at, seen->log);
        if (!on_own_stack(on, seen))
            set_value_at((void *)seen->at, seen->log, seen->value);
    }
}

static void take_away(const struct cpu *on, const u64 *before)
{
    struct turn *turn = &turns[on - runtime_cpu];

    for (unsigned int nr = how_many(turn); nr-- > 0;) {
        struct seen *seen = known(turn, nr);

        if (!on_own_stack(on, seen))
            set_value_at((void *)seen->at, seen->log, before[nr]);
    }
}

/* Whether a CPU has read some memory since it last paused. */
static int has_read(const struct cpu *on, const volatile void *p, u64 size)
{
    struct turn *turn = &turns[on - runtime_cpu];

    for (unsigned int nr = 0; nr < how_many(turn); nr++) {
        struct seen *seen = known(turn, nr);

        if (seen->read && seen->at <= (word)p && (word)p + size <= seen->at + (1ul << seen->log))
            return 1;
    }
    return 0;
}

/* Whether a CPU may run ahead: it has accessed nothing of its stack as it is now, which others could change, and no blocks of memory. */
static int may_peek(const struct cpu *on)
{
    struct turn *turn = &turns[on - runtime_cpu];

    for (unsigned int nr = 0; nr < how_many(turn); nr++)
        if (on_own_stack(on, known(turn, nr)) && known(turn, nr)->at >= (word)on->sp)
            return 0;
    return !turn->opaque;
}

/*
 * Let the suspended code of a CPU run ahead, on memory as the CPU knows it, up to its next request that is no access, or the first look at
 * something that it has not looked at since it last paused; and forget that it has: the number for what it carries there if that is `key`, 0
 * otherwise. That depends on what the CPU has done and found, and not on what others have done meanwhile.
 */
EXPORT u64 runtime_peek(u64 cpu, u64 key)
{
    static char kept_data[1 << 20], kept_stack[STACK], kept_arena[ARENA];
    static u64 before[SEEN];
    struct cpu *on = &runtime_cpu[cpu], kept = *on;
    u64 size = data_high - data_low, used = on->top - (char *)on->sp, carried = 0, quiet = runtime_quiet;

    if (size > sizeof kept_data || !may_peek(on))
        return 0;
    memcpy(kept_data, data_low, size);
    memcpy(kept_stack, on->sp, used);
    keep_arena(kept_arena, runtime_arena);
    put_in_place(on, before);
    runtime_quiet = peeking = 1;
    if (go_on(on, on->sp) == key)
        carried = runtime_carried(cpu);
    peeking = 0;
    runtime_quiet = quiet;
    *on = kept;
    take_away(on, before);
    memcpy(on->sp, kept_stack, used);
    memcpy(data_low, kept_data, size);
    keep_arena(runtime_arena, kept_arena);
    return carried;
}

/* Faults. */

/* The instruction behind the one that a signal has stopped; where the stage has called what is no code of its own, the one behind that. */
static word place_of(const ucontext_t *context)
{
    word pc = pc_of(context) + 1, sp = sp_of(context);

    if ((char *)pc >= library_low && (char *)pc <= library_high)
        return pc;
    return sp >= (word)current->low && sp < (word)current->top ? caller_of(context) : (word)library_low;
}

static void on_signal(int number, siginfo_t *info, void *context)
{
    struct cpu *c = current;
    word sp = sp_of(context);

    if (!inside) {
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    c->pc = place_of(context);
    key_asked = fault(number, sp < (word)c->low ? (word)c->low - 1 : (word)info->si_addr);
    siglongjmp(driver, 1);
}

static void on_tick(int number, siginfo_t *info, void *context)
{
    static u64 seen;
    static int ticks;

    (void)number;
    (void)info;
    if (!inside || runs != seen) {
        seen = runs;
        ticks = 0;
    } else if (++ticks == MOST_TICKS) {
        ticks = 0;
        current->pc = place_of(context);
        key_asked = KEY(MACHINE_HANG, SERVICE, 0);
        siglongjmp(driver, 1);
    }
}

static void start_ticking(void)
{
    struct sigaction action = { .sa_sigaction = on_tick, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART };
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 3 };
    struct itimerspec every = { { 0, TICK }, { 0, TICK } };
    timer_t timer;

    sigaction(SIGRTMIN + 3, &action, NULL);
    if (!timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer))
        timer_settime(timer, 0, &every, NULL);
}

EXPORT void runtime_start(void)
{
    static const int numbers[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
    stack_t stack = { .ss_sp = signal_stack, .ss_size = sizeof signal_stack };
    struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };

    if (runtime_arena)
        return;
    for (unsigned int i = 0; i < MACHINE_CPUS; i++) {
        char *pages = mmap(NULL, STACK + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        mprotect(pages + PAGE, STACK, PROT_READ | PROT_WRITE);
        runtime_cpu[i].low = pages + PAGE;
        runtime_cpu[i].top = pages + PAGE + STACK;
    }
    runtime_arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sigaltstack(&stack, NULL);
    for (unsigned int i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &action, NULL);
    start_ticking();
}

/* The library of the stage that runs from here on: where it is, what of it can be written, and that as it was when it was loaded. */
EXPORT void runtime_stage(char *low, char *high, char *writable, char *end, const char *before, u64 size)
{
    library_low = low;
    library_high = high;
    data_low = writable;
    data_high = end;
    data_before = before;
    data_size = size;
}

/* A new execution: memory is as it was when the stage was loaded, and no code is suspended. */
EXPORT void runtime_reset(void)
{
    memcpy(data_low, data_before, data_size);
    memset(data_low + data_size, 0, data_high - data_low - data_size);
    for (unsigned int i = 0; i < MACHINE_CPUS; i++) {
        struct cpu *c = &runtime_cpu[i];
        char *part = runtime_arena + i * ARENA_OF_CPU;

        if (c->allocated) {
            memset(part, 0, c->allocated);
            memset(arena_state + (part - runtime_arena) / 8, NEVER, c->allocated / 8);
            memset(arena_made + (part - runtime_arena) / 64, OTHER, c->allocated / 64);
            c->allocated = 0;
        }
        if (c->used)
            memset(c->top - PAGE, 0, PAGE);
        c->sp = NULL;
        c->base = NULL;
        c->pc = 0;
        c->used = 0;
        turns[i].count = turns[i].open = turns[i].opaque = 0;
    }
    runtime_quiet = 1;
}

/* CPUs. */

EXPORT unsigned int machine_cpu(void) { return (unsigned int)current->number; }

EXPORT unsigned int machine_cpu_slot(unsigned int cpu)
{
    word pc = PC;
    unsigned int slot = cpu < MACHINE_NR_CPUS ? runtime_slot[cpu] : MACHINE_CPUS;

    if (slot == MACHINE_CPUS)
        ask_service(MACHINE_NO_SUCH_CPU, cpu, 0, 0, 0, pc);
    return slot;
}

EXPORT unsigned long machine_cpu_number(unsigned int slot) { return slot < runtime_cpus ? runtime_cpu[slot].number : ~0ul; }

/* Memory of the arena: each CPU has a part, so that what one allocates is where it is in every order of what others do. */

/* `zeroed`: 1, or 2 for memory with a pattern of which Python keeps account itself. */
EXPORT void *runtime_allocate(u64 cpu, u64 size, u64 zeroed)
{
    struct cpu *c = &runtime_cpu[cpu];
    /* What stands alone on its cache lines. */
    u64 rounded = (size + 63) & ~63ul, first;
    char *memory = runtime_arena + cpu * ARENA_OF_CPU + c->allocated;

    if (!size || rounded < size || rounded > ARENA_OF_CPU - c->allocated)
        return NULL;
    c->allocated += rounded;
    first = (memory - runtime_arena) / 8;
    memset(arena_state + first, zeroed ? WRITTEN : FRESH, (size + 7) / 8);
    arena_size[first] = (u32)size;
    memset(arena_made + first / 8, runtime_quiet ? OTHER : GOES_ON, rounded / 64);
    if (!runtime_quiet)
        arena_made[first / 8] = BEGINS;
    memset(memory, zeroed == 1 ? 0 : PATTERN, size);
    return memory;
}

EXPORT void *machine_alloc(size_t size, int zeroed) { return runtime_allocate(current - runtime_cpu, size, !!zeroed); }

static int in_arena(const volatile void *p) { return (char *)p >= runtime_arena && (char *)p < runtime_arena + ARENA; }

/* Where the block begins that an address of the arena is in, if that was allocated during the run; else 0. */
EXPORT u64 runtime_block(u64 address)
{
    u64 line = (address - (word)runtime_arena) / 64;

    while (arena_made[line] == GOES_ON)
        line--;
    return arena_made[line] == BEGINS ? (word)runtime_arena + 64 * line : 0;
}

static int is_there(u64 at) { return arena_state[at] == FRESH || arena_state[at] == WRITTEN; }

EXPORT void machine_free(void *memory)
{
    word pc = PC;
    u64 first = ((char *)memory - runtime_arena) / 8;

    if (!memory)
        return;
    if (!in_arena(memory) || !arena_size[first] || !is_there(first) || (word)memory & 63)
        ask_service(MACHINE_FREED_MEMORY, (word)memory, (word)(in_arena(memory) && arena_state[first] == FREED), 0, 0, pc);
    /* To free is to write all of it: whoever touches it without being ordered before races. */
    runtime_request[1] = arena_size[first];
    if (!runtime_quiet)
        ask(KEY(memory, STORE_RANGE, 0), pc);
    memset(arena_state + first, FREED, (arena_size[first] + 7) / 8);
}

/* Accesses. */

/* The CPU whose stack an address is on; NULL if it is on none. */
static const struct cpu *stack_of(const volatile void *p)
{
    for (unsigned int i = 0; i < runtime_cpus; i++)
        if ((char *)p >= runtime_cpu[i].low && (char *)p < runtime_cpu[i].top)
            return &runtime_cpu[i];
    return NULL;
}

static int is_memory(const volatile void *p, u64 size, int write)
{
    char *low = (char *)p, *high = low + size;
    const struct cpu *owner;

    if (high < low)
        return 0;
    if (low >= data_low && high <= data_high)
        return 1;
    if (low >= runtime_arena && high <= runtime_arena + ARENA)
        return 1;
    if (!write && low >= library_low && high <= library_high)
        return 1;
    owner = stack_of(p);
    return owner && high <= owner->top;
}

EXPORT int machine_is_memory(const volatile void *memory, size_t size) { return is_memory(memory, size, 0); }

/* Whether an access needs no request; ends the execution if there is no such memory. */
static int silent(const volatile void *p, u64 size, int write, word pc)
{
    if (!is_memory(p, size, write))
        ask_service(MACHINE_FAULT, SIGSEGV, (word)p, 0, 0, pc);
    if (peeking) {
        const struct cpu *owner = stack_of(p);

        int constant = (char *)p >= library_low && (char *)p < library_high && ((char *)p < data_low || (char *)p >= data_high);

        if (write ? owner && owner != current : !constant && !has_read(current, p, size))
            ask_service(MACHINE_NO_SERVICE, 0, 0, 0, 0, pc);
        return 1;
    }
    if (in_arena(p))
        return 0;
    return runtime_quiet || (!write && ((char *)p < data_low || (char *)p >= data_high) && (char *)p >= library_low && (char *)p < library_high);
}

/* An access has been allowed: is it to memory that is still there, and that somebody has written? */
enum use { LOOKS, COPIES, CHANGES };

static void alive(const volatile void *p, u64 size, enum use use, word pc)
{
    u64 first = ((char *)p - runtime_arena) / 8, last = ((char *)p - runtime_arena + size - 1) / 8;

    if (!in_arena(p))
        return;
    if (!is_there(first) || !is_there(last))
        ask_service(MACHINE_FREED_MEMORY, (word)p, 2 + (arena_state[first] == FREED), 0, 0, pc);
    if (use == CHANGES)
        memset(arena_state + first, WRITTEN, last - first + 1);
    else if (use == LOOKS && arena_state[first] == FRESH)
        ask_service(MACHINE_FREED_MEMORY, (word)p, 4, 0, 0, pc);
}

/* An access to one place has been allowed, and is about to be made; or one to a block of memory. */
static void noted(const volatile void *p, int log, int read)
{
    struct turn *turn = &turns[current - runtime_cpu];

    if (log > 3) {
        turn->opaque = 1;
        return;
    }
    turn->seen[turn->count++ % SEEN] = (struct seen){ .at = (word)p, .log = (u8)log, .read = (u8)read };
    turn->open = 1;
}
#define BLOCK 4

static void access_to(const volatile void *p, enum operation operation, int log, word pc)
{
    int write = operation == STORE || operation == WRITE || operation == RELEASE;

    if (silent(p, 1ul << log, write, pc))
        return;
    ask(KEY(p, operation, log), pc);
    alive(p, 1ul << log, write ? CHANGES : LOOKS, pc);
    noted(p, log, !write);
}

static void access_to_range(const volatile void *p, u64 size, enum operation operation, word pc)
{
    if (!size || silent(p, size, operation == STORE_RANGE, pc))
        return;
    runtime_request[1] = size;
    ask(KEY(p, operation, 0), pc);
    alive(p, size, operation == STORE_RANGE ? CHANGES : COPIES, pc);
    noted(p, BLOCK, 1);
}

#define PLAIN(N, log)                                                                                \
    EXPORT void __tsan_read##N(void *p) { access_to(p, LOAD, log, PC); }                             \
    EXPORT void __tsan_write##N(void *p) { access_to(p, STORE, log, PC); }                           \
    EXPORT void __tsan_unaligned_read##N(void *p) { access_to(p, LOAD, log, PC); }                   \
    EXPORT void __tsan_unaligned_write##N(void *p) { access_to(p, STORE, log, PC); }                 \
    EXPORT void __tsan_volatile_read##N(void *p) { access_to(p, READ, log, PC); }                    \
    EXPORT void __tsan_volatile_write##N(void *p) { access_to(p, WRITE, log, PC); }                  \
    EXPORT void __tsan_unaligned_volatile_read##N(void *p) { access_to(p, READ, log, PC); }          \
    EXPORT void __tsan_unaligned_volatile_write##N(void *p) { access_to(p, WRITE, log, PC); }

PLAIN(1, 0)
PLAIN(2, 1)
PLAIN(4, 2)
PLAIN(8, 3)
PLAIN(16, 4)

EXPORT void __tsan_read_range(void *p, unsigned long size) { access_to_range(p, size, LOAD_RANGE, PC); }
EXPORT void __tsan_write_range(void *p, unsigned long size) { access_to_range(p, size, STORE_RANGE, PC); }
EXPORT void __tsan_init(void) {}
EXPORT void __tsan_func_entry(void *pc) { (void)pc; }
EXPORT void __tsan_func_exit(void) {}

/* Every basic block: a loop that asks for nothing ends here. */
EXPORT void __sanitizer_cov_trace_pc(void)
{
    if (++blocks > MOST_BLOCKS && inside) {
        word pc = PC;

        blocks = 0;
        ask_service(MACHINE_HANG, 0, 0, 0, 0, pc);
    }
}

/* Atomic operations: Python performs them, but where nobody may come in. */

static u64 changed(enum change how, u64 found, u64 operand)
{
    switch (how) {
    case ADD: return found + operand;
    case SUB: return found - operand;
    case AND: return found & operand;
    case OR: return found | operand;
    case XOR: return found ^ operand;
    case NAND: return ~(found & operand);
    default: return operand;
    }
}

static u64 rmw(volatile void *p, int log, enum change how, u64 operand, u64 expected, int order, word pc)
{
    u64 found;

    if (silent(p, 1ul << log, 1, pc)) {
        found = value_at(p, log);
        if (how != COMPARE || found == expected)
            set_value_at(p, log, changed(how, found, operand));
        return found;
    }
    runtime_request[1] = how;
    runtime_request[2] = operand;
    runtime_request[3] = expected;
    runtime_request[4] = order;
    ask(KEY(p, RMW, log), pc);
    found = runtime_request[0];
    alive(p, 1ul << log, how == EXCHANGE ? CHANGES : LOOKS, pc);
    alive(p, 1ul << log, CHANGES, pc);
    noted(p, log, 1);
    return found;
}

#define ATOMIC(B, T, log)                                                                                                              \
    EXPORT T __tsan_atomic##B##_load(const volatile T *p, int order)                                                                   \
    { access_to(p, order == ORDER_RELAXED ? READ : ACQUIRE, log, PC); return *p; }                                                     \
    EXPORT void __tsan_atomic##B##_store(volatile T *p, T v, int order)                                                                \
    {                                                                                                                                  \
        if (order == ORDER_FULL)                                                                                                       \
            rmw(p, log, EXCHANGE, v, 0, order, PC);                                                                                    \
        else {                                                                                                                         \
            access_to(p, order == ORDER_RELAXED ? WRITE : RELEASE, log, PC);                                                           \
            *p = v;                                                                                                                    \
        }                                                                                                                              \
    }                                                                                                                                  \
    EXPORT T __tsan_atomic##B##_exchange(volatile T *p, T v, int order) { return (T)rmw(p, log, EXCHANGE, v, 0, order, PC); }          \
    EXPORT T __tsan_atomic##B##_fetch_add(volatile T *p, T v, int order) { return (T)rmw(p, log, ADD, v, 0, order, PC); }              \
    EXPORT T __tsan_atomic##B##_fetch_sub(volatile T *p, T v, int order) { return (T)rmw(p, log, SUB, v, 0, order, PC); }              \
    EXPORT T __tsan_atomic##B##_fetch_and(volatile T *p, T v, int order) { return (T)rmw(p, log, AND, v, 0, order, PC); }              \
    EXPORT T __tsan_atomic##B##_fetch_or(volatile T *p, T v, int order) { return (T)rmw(p, log, OR, v, 0, order, PC); }                \
    EXPORT T __tsan_atomic##B##_fetch_xor(volatile T *p, T v, int order) { return (T)rmw(p, log, XOR, v, 0, order, PC); }              \
    EXPORT T __tsan_atomic##B##_fetch_nand(volatile T *p, T v, int order) { return (T)rmw(p, log, NAND, v, 0, order, PC); }            \
    EXPORT T __tsan_atomic##B##_compare_exchange_val(volatile T *p, T e, T v, int order, int failed)                                   \
    { (void)failed; return (T)rmw(p, log, COMPARE, v, e, order, PC); }                                                                 \
    static int compare##B(volatile T *p, T *e, T v, int order, word pc)                                                                \
    {                                                                                                                                  \
        T found = (T)rmw(p, log, COMPARE, v, *e, order, pc);                                                                           \
        int same = found == *e;                                                                                                        \
        *e = found;                                                                                                                    \
        return same;                                                                                                                   \
    }                                                                                                                                  \
    EXPORT int __tsan_atomic##B##_compare_exchange_strong(volatile T *p, T *e, T v, int order, int failed)                             \
    { (void)failed; return compare##B(p, e, v, order, PC); }                                                                           \
    EXPORT int __tsan_atomic##B##_compare_exchange_weak(volatile T *p, T *e, T v, int order, int failed)                               \
    { (void)failed; return compare##B(p, e, v, order, PC); }

ATOMIC(8, u8, 0)
ATOMIC(16, u16, 1)
ATOMIC(32, u32, 2)
ATOMIC(64, u64, 3)

EXPORT void __tsan_atomic_thread_fence(int order)
{
    word pc = PC;

    if (order != ORDER_RELAXED && !peeking)
        ask_service(order == 1 || order == ORDER_ACQUIRE ? MACHINE_SMP_RMB : MACHINE_SMP_MB, 0, 0, 0, 0, pc);
}
EXPORT void __tsan_atomic_signal_fence(int order) { (void)order; }

/* Bits: of the 32-bit word that has the bit, as on x86. */

#define WORD_OF(nr, p) ((volatile u32 *)(p) + ((unsigned int)(nr) >> 5))
#define BIT_OF(nr) (1u << ((nr) & 31))

EXPORT int machine_test_bit(int nr, const volatile void *p)
{
    const volatile u32 *bits = WORD_OF(nr, p);

    access_to(bits, READ, 2, PC);
    return !!(*bits & BIT_OF(nr));
}
EXPORT void machine_set_bit(int nr, volatile void *p) { rmw(WORD_OF(nr, p), 2, OR, BIT_OF(nr), 0, ORDER_NO_VALUE, PC); }
EXPORT void machine_clear_bit(int nr, volatile void *p) { rmw(WORD_OF(nr, p), 2, AND, ~(u64)BIT_OF(nr), 0, ORDER_NO_VALUE, PC); }
EXPORT void machine_change_bit(int nr, volatile void *p) { rmw(WORD_OF(nr, p), 2, XOR, BIT_OF(nr), 0, ORDER_NO_VALUE, PC); }
EXPORT int machine_test_and_set_bit(int nr, volatile void *p)
{ return !!(rmw(WORD_OF(nr, p), 2, OR, BIT_OF(nr), 0, ORDER_ONE_BIT, PC) & BIT_OF(nr)); }
EXPORT int machine_test_and_clear_bit(int nr, volatile void *p)
{ return !!(rmw(WORD_OF(nr, p), 2, AND, ~(u64)BIT_OF(nr), 0, ORDER_ONE_BIT, PC) & BIT_OF(nr)); }
EXPORT int machine_test_and_change_bit(int nr, volatile void *p)
{ return !!(rmw(WORD_OF(nr, p), 2, XOR, BIT_OF(nr), 0, ORDER_ONE_BIT, PC) & BIT_OF(nr)); }

/* Blocks of memory: Python goes through them, one location after the other. */

static void *set_memory(void *to, int byte, size_t size, word pc)
{
    if (size && !silent(to, size, 1, pc)) {
        runtime_request[1] = size;
        runtime_request[2] = (u8)byte;
        ask(KEY(to, SET_RANGE, 0), pc);
        alive(to, size, CHANGES, pc);
        noted(to, BLOCK, 0);
        return to;
    }
    return memset(to, byte, size);
}

static void *copy_memory(void *to, const void *from, size_t size, word pc)
{
    /* Both are looked at: that one of them need not be asked for says nothing of the other. */
    if (size && !(silent(from, size, 0, pc) & silent(to, size, 1, pc))) {
        runtime_request[1] = size;
        runtime_request[2] = (word)from;
        ask(KEY(to, COPY_RANGE, 0), pc);
        alive(from, size, COPIES, pc);
        alive(to, size, CHANGES, pc);
        noted(to, BLOCK, 1);
        return to;
    }
    return memmove(to, from, size);
}

EXPORT void *machine_memset(void *to, int byte, size_t size) { return set_memory(to, byte, size, PC); }
EXPORT void *machine_memcpy(void *to, const void *from, size_t size) { return copy_memory(to, from, size, PC); }
EXPORT void *machine_memmove(void *to, const void *from, size_t size) { return copy_memory(to, from, size, PC); }
EXPORT int machine_memcmp(const void *one, const void *other, size_t size)
{
    word pc = PC;

    access_to_range(one, size, LOAD_RANGE, pc);
    access_to_range(other, size, LOAD_RANGE, pc);
    return memcmp(one, other, size);
}
/* What compilers make of assignments of whole structures. */
EXPORT void *__tsan_memset(void *to, int byte, size_t size) { return set_memory(to, byte, size, PC); }
EXPORT void *__tsan_memcpy(void *to, const void *from, size_t size) { return copy_memory(to, from, size, PC); }
EXPORT void *__tsan_memmove(void *to, const void *from, size_t size) { return copy_memory(to, from, size, PC); }

/* Services. */

EXPORT unsigned long machine_call(enum machine_service nr, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
    word pc = PC;

    if (peeking && nr >= MACHINE_SMP_MB && nr <= MACHINE_MB_AFTER_ATOMIC)
        return 0;
    a = ask_service(nr, a, b, c, d, pc);
    if (nr == MACHINE_CPU_RELAX && !peeking)
        turns[current - runtime_cpu].count = turns[current - runtime_cpu].opaque = 0;
    return a;
}

EXPORT void machine_printk(const char *format, ...)
{
    word pc = PC;
    char line[LINE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    ask_service(MACHINE_PRINTK, (word)line, 0, 0, 0, pc);
}

/* What C calls for a function of the program. */
EXPORT void machine_call_back(unsigned long handle)
{
    word pc = PC;

    ask_service(MACHINE_CALL_BACK, handle, 0, 0, 0, pc);
}
