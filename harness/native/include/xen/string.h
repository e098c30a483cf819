/* Blocks of memory, and texts. */
#ifndef __XEN_STRING_H__
#define __XEN_STRING_H__

#include <machine.h>
#include <xen/compiler.h>
#include <xen/types.h>

/* Compilers know these names too well: their own versions would be seen by nobody. */
#undef memset
#undef memcpy
#undef memmove
#undef memcmp
#define memset(to, byte, size)    machine_memset(to, byte, size)
#define memcpy(to, from, size)    machine_memcpy(to, from, size)
#define memmove(to, from, size)   machine_memmove(to, from, size)
#define memcmp(one, other, size)  machine_memcmp(one, other, size)
#define strlen(text)              machine_strlen(text)
#define strnlen(text, most)       machine_strnlen(text, most)
#define strcmp(one, other)        machine_strcmp(one, other)
#define strncmp(one, other, most) machine_strncmp(one, other, most)
#define strchr(text, c)           machine_strchr(text, c)
#define strlcpy(to, from, size)   machine_strlcpy(to, from, size)
#define memchr(where, c, size)    machine_memchr(where, c, size)

static always_inline size_t machine_strnlen(const char *text, size_t most)
{
    size_t length = 0;

    while ( length < most && text[length] )
    {
        length++;
        /* Keeps the compiler from calling its own version. */
        barrier();
    }
    return length;
}

static always_inline size_t machine_strlen(const char *text)
{
    return machine_strnlen(text, (size_t)-1);
}

static always_inline int machine_strncmp(const char *one, const char *other, size_t most)
{
    for ( ; most; most--, one++, other++ )
    {
        unsigned char c = *one, d = *other;

        barrier();
        if ( c != d )
            return c < d ? -1 : 1;
        if ( !c )
            break;
    }
    return 0;
}

static always_inline int machine_strcmp(const char *one, const char *other)
{
    return machine_strncmp(one, other, (size_t)-1);
}

static always_inline char *machine_strchr(const char *text, int c)
{
    for ( ; ; text++ )
    {
        char found = *text;

        barrier();
        if ( found == (char)c )
            return (char *)text;
        if ( !found )
            return NULL;
    }
}

static always_inline void *machine_memchr(const void *where, int c, size_t size)
{
    const unsigned char *at = where;

    for ( ; size; size--, at++ )
    {
        barrier();
        if ( *at == (unsigned char)c )
            return (void *)at;
    }
    return NULL;
}

/* Copies what fits, with its end; returns how long `from` is. */
static always_inline size_t machine_strlcpy(char *to, const char *from, size_t size)
{
    size_t length = machine_strlen(from);

    if ( size )
    {
        size_t fits = length < size ? length : size - 1;

        machine_memcpy(to, from, fits);
        to[fits] = '\0';
    }
    return length;
}

#endif /* __XEN_STRING_H__ */
