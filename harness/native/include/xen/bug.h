/* What must not be. */
#ifndef __XEN_BUG_H__
#define __XEN_BUG_H__

#include <xen/system.h>

/* Ends the execution: nothing comes back from here. */
#define machine_bug(text) \
    do { machine_call3(MACHINE_BUG, text, MACHINE_FILE, __LINE__); __builtin_unreachable(); } while ( 0 )
#define machine_warn(text) ((void)machine_call3(MACHINE_WARN, text, MACHINE_FILE, __LINE__))

#define BUG() machine_bug("BUG()")
#define BUG_ON(condition) \
    do { if ( unlikely(condition) ) machine_bug("BUG_ON(" #condition ")"); } while ( 0 )

#define ASSERT(condition) \
    do { if ( unlikely(!(condition)) ) machine_bug("ASSERT(" #condition ")"); } while ( 0 )
#define ASSERT_UNREACHABLE() machine_bug("ASSERT_UNREACHABLE()")
#define assert_failed(text) machine_bug(text)

#define WARN() machine_warn("WARN()")
#define WARN_ON(condition) \
    ({ int warned_ = !!(condition); if ( unlikely(warned_) ) machine_warn("WARN_ON(" #condition ")"); unlikely(warned_); })
#define WARN_ON_ONCE(condition) WARN_ON(condition)

/* Checked while the file is compiled. */
#define BUILD_BUG_ON(condition) ({ _Static_assert(!(condition), "BUILD_BUG_ON(" #condition ")"); })
#define BUILD_BUG_ON_ZERO(condition) (sizeof(struct { int unused : 1; _Static_assert(!(condition), "BUILD_BUG_ON_ZERO(" #condition ")"); }) & 0)

#endif /* __XEN_BUG_H__ */
