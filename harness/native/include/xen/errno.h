/* Error numbers, with the values that they have everywhere. */
#ifndef __XEN_ERRNO_H__
#define __XEN_ERRNO_H__

#define EPERM         1
#define ENOENT        2
#define ESRCH         3
#define EINTR         4
#define EIO           5
#define ENXIO         6
#define E2BIG         7
#define EAGAIN       11
#define ENOMEM       12
#define EACCES       13
#define EFAULT       14
#define EBUSY        16
#define EEXIST       17
#define EXDEV        18
#define ENODEV       19
#define EINVAL       22
#define ENOSPC       28
#define ERANGE       34
#define EDEADLK      35
#define ENOSYS       38
#define ENODATA      61
#define ETIME        62
#define EOVERFLOW    75
#define EBADFD       77
#define EILSEQ       84
#define EUSERS       87
#define EOPNOTSUPP   95
#define ENOTSUPP     524
#define ETIMEDOUT   110
#define EALREADY    114
#define EINPROGRESS 115
#define ESTALE      116
#define ECANCELED   125

#define EWOULDBLOCK EAGAIN

#endif /* __XEN_ERRNO_H__ */
