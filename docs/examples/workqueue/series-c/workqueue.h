/* Deferred work: functions that are to run once, soon, on a chosen CPU. */

#ifndef WORKQUEUE_H
#define WORKQUEUE_H

#include <xen/list.h>
#include <xen/types.h>

/* No CPU. */
#define NOWHERE (-1)

/* Who sets this bit of a work's state owns the work. */
#define WORK_PENDING 0

struct work
{
    struct list_head list;
    unsigned long state;
    /* On whose list it is, and who runs it: changed with that CPU's lock held. */
    int on;
    int running_on;
    void (*func)(unsigned long);
    unsigned long data;
};

void workqueue_init(void);

/* Make a work idle; its function is to be called with @data. */
void init_work(struct work *work, void (*func)(unsigned long), unsigned long data);

/* Have it run on a CPU; false if that was to be done already. */
bool queue_work_on(unsigned int cpu, struct work *work);

/* Return when it is neither queued nor running. */
void flush_work(struct work *work);

/* The same, but one that is queued is dropped: true. */
bool cancel_work_sync(struct work *work);

#endif /* WORKQUEUE_H */
