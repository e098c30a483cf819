/* Small things. */
#ifndef __XEN_KERNEL_H__
#define __XEN_KERNEL_H__

#include <xen/compiler.h>
#include <xen/types.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Each argument is evaluated once. */
#define min(x, y) ({ __typeof__(x) min_x_ = (x); __typeof__(y) min_y_ = (y); min_x_ < min_y_ ? min_x_ : min_y_; })
#define max(x, y) ({ __typeof__(x) max_x_ = (x); __typeof__(y) max_y_ = (y); max_x_ > max_y_ ? max_x_ : max_y_; })
#define min_t(type, x, y) ({ type min_x_ = (x); type min_y_ = (y); min_x_ < min_y_ ? min_x_ : min_y_; })
#define max_t(type, x, y) ({ type max_x_ = (x); type max_y_ = (y); max_x_ > max_y_ ? max_x_ : max_y_; })
#define min3(x, y, z) min(min(x, y), z)
#define max3(x, y, z) max(max(x, y), z)
#define clamp(value, low, high) min(max(value, low), high)
#define abs(x) ({ __typeof__(x) abs_x_ = (x); abs_x_ < 0 ? -abs_x_ : abs_x_; })
#define swap(x, y) do { __typeof__(x) swap_x_ = (x); (x) = (y); (y) = swap_x_; } while ( 0 )

#define ROUNDUP(x, power)     (((x) + (power) - 1) & ~((power) - 1))
#define round_up(x, power)    ROUNDUP(x, power)
#define round_down(x, power)  ((x) & ~((power) - 1))
#define DIV_ROUND_UP(n, d)    (((n) + (d) - 1) / (d))
#define IS_ALIGNED(x, power)  (!((x) & ((power) - 1)))

#endif /* __XEN_KERNEL_H__ */
