/* SPDX-License-Identifier: MIT */
/*
 * Sorted lists, searched by bisection (a unit test checks the order). The
 * keywords are those of C11, C23 and C++20; the macros those of the standard
 * headers that generated code or a user's handler is likely to include, plus
 * what gcc and clang predefine in GNU mode (linux, unix) and what <sys/...>
 * headers are known to define (major, minor, makedev).
 */
#include "lang/reserved.h"

#include <stdlib.h>
#include <string.h>

static const char *const c_words[] = {
    "_Alignas",
    "_Alignof",
    "_Atomic",
    "_Bool",
    "_Complex",
    "_Generic",
    "_Imaginary",
    "_Noreturn",
    "_Static_assert",
    "_Thread_local",
    "alignas",
    "alignof",
    "asm",
    "auto",
    "bool",
    "break",
    "case",
    "char",
    "const",
    "constexpr",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "extern",
    "false",
    "float",
    "for",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "nullptr",
    "register",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "struct",
    "switch",
    "thread_local",
    "true",
    "typedef",
    "typeof",
    "typeof_unqual",
    "union",
    "unsigned",
    "void",
    "volatile",
    "while",
};

static const char *const cpp_words[] = {
    "and",       "and_eq",       "bitand",     "bitor",     "catch",     "char16_t",
    "char32_t",  "char8_t",      "class",      "co_await",  "co_return", "co_yield",
    "compl",     "concept",      "const_cast", "consteval", "constinit", "decltype",
    "delete",    "dynamic_cast", "explicit",   "export",    "friend",    "mutable",
    "namespace", "new",          "noexcept",   "not",       "not_eq",    "operator",
    "or",        "or_eq",        "private",    "protected", "public",    "reinterpret_cast",
    "requires",  "static_cast",  "template",   "this",      "throw",     "try",
    "typeid",    "typename",     "using",      "virtual",   "wchar_t",   "xor",
    "xor_eq",
};

static const char *const macros[] = {
    "BUFSIZ",         "CHAR_BIT",       "CHAR_MAX",     "CHAR_MIN",    "EOF",
    "EXIT_FAILURE",   "EXIT_SUCCESS",   "FILENAME_MAX", "FOPEN_MAX",   "I",
    "INT16_MAX",      "INT16_MIN",      "INT32_MAX",    "INT32_MIN",   "INT64_MAX",
    "INT64_MIN",      "INT8_MAX",       "INT8_MIN",     "INTMAX_MAX",  "INTMAX_MIN",
    "INTPTR_MAX",     "INTPTR_MIN",     "INT_MAX",      "INT_MIN",     "IOV_MAX",
    "LINE_MAX",       "LLONG_MAX",      "LLONG_MIN",    "LONG_MAX",    "LONG_MIN",
    "MB_CUR_MAX",     "NAME_MAX",       "NDEBUG",       "NULL",        "OPEN_MAX",
    "PATH_MAX",       "PIPE_BUF",       "PTRDIFF_MAX",  "PTRDIFF_MIN", "RAND_MAX",
    "SCHAR_MAX",      "SCHAR_MIN",      "SEEK_CUR",     "SEEK_END",    "SEEK_SET",
    "SHRT_MAX",       "SHRT_MIN",       "SIGABRT",      "SIGINT",      "SIGTERM",
    "SIG_ATOMIC_MAX", "SIG_ATOMIC_MIN", "SIG_BLOCK",    "SIG_DFL",     "SIG_ERR",
    "SIG_IGN",        "SIG_SETMASK",    "SIG_UNBLOCK",  "SIZE_MAX",    "SSIZE_MAX",
    "TIME_MAX",       "TIME_UTC",       "TMP_MAX",      "UCHAR_MAX",   "UINT16_MAX",
    "UINT32_MAX",     "UINT64_MAX",     "UINT8_MAX",    "UINTMAX_MAX", "UINTPTR_MAX",
    "UINT_MAX",       "ULLONG_MAX",     "ULONG_MAX",    "USHRT_MAX",   "WCHAR_MAX",
    "WCHAR_MIN",      "WINT_MAX",       "WINT_MIN",     "assert",      "bool_t",
    "complex",        "errno",          "htonl",        "htons",       "i386",
    "imaginary",      "linux",          "major",        "makedev",     "minor",
    "noreturn",       "ntohl",          "ntohs",        "offsetof",    "setjmp",
    "signals",        "sigsetjmp",      "stderr",       "stdin",       "stdout",
    "unix",           "va_arg",         "va_copy",      "va_end",      "va_start",
};

/* Structs of headers that a program is likely to include, and what else a package cannot be. */
static const char *const packages[] = {
    "addrinfo",    "aiocb",   "cmsghdr",    "dirent",    "epoll_event", "flock",  "group",
    "hostent",     "iovec",   "itimerspec", "itimerval", "lconv",       "linger", "mq_attr",
    "msghdr",      "option",  "passwd",     "pollfd",    "pthread",     "rlimit", "rusage",
    "sched_param", "servent", "sigaction",  "sigevent",  "sockaddr",    "stat",   "statvfs",
    "std",         "termios", "timespec",   "timeval",   "timezone",    "tm",     "tms",
    "ucontext",    "ucred",   "utsname",    "winsize",
};

static const struct {
    const char *const *words;
    size_t count;
    const char *owner;
} lists[] = {
    {c_words, sizeof c_words / sizeof c_words[0], "a keyword of C"},
    {cpp_words, sizeof cpp_words / sizeof cpp_words[0], "a keyword of C++"},
    {macros, sizeof macros / sizeof macros[0], "a macro of the standard headers"},
};

static int compare(const void *key, const void *element)
{
    const char *const *word = element;

    return strcmp(key, *word);
}

const char *sn_reserved_by(const char *word)
{
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (bsearch(word, lists[i].words, lists[i].count, sizeof(char *), compare) != NULL)
            return lists[i].owner;
    return NULL;
}

const char *sn_reserved_package(const char *name)
{
    size_t count = sizeof packages / sizeof packages[0];

    if (strcmp(name, "sn") == 0 || strncmp(name, "sn_", 3) == 0)
        return "the runtime";
    return bsearch(name, packages, count, sizeof(char *), compare) != NULL ? "the standard headers"
                                                                           : NULL;
}
