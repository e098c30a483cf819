/* Who wants to be told. */
#ifndef __XEN_NOTIFIER_H__
#define __XEN_NOTIFIER_H__

#include <xen/errno.h>
#include <xen/types.h>

struct notifier_block {
    int (*notifier_call)(struct notifier_block *, unsigned long, void *);
    struct notifier_block *next;
    int priority;
};

#define NOTIFY_DONE      0x0000
#define NOTIFY_OK        0x0001
#define NOTIFY_STOP_MASK 0x8000
#define NOTIFY_STOP      (NOTIFY_OK | NOTIFY_STOP_MASK)
#define NOTIFY_BAD       (NOTIFY_STOP_MASK | EINVAL)

#define notifier_from_errno(error) ((error) ? NOTIFY_STOP_MASK | -(error) : NOTIFY_DONE)
#define notifier_to_errno(ret)     (-((ret) & ~NOTIFY_STOP_MASK))

#endif /* __XEN_NOTIFIER_H__ */
