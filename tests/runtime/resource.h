/* SPDX-License-Identifier: MIT */
#ifndef TESTS_RUNTIME_RESOURCE_H
#define TESTS_RUNTIME_RESOURCE_H

#include <stdatomic.h>

/* Something of C's that an actor owns; it counts how many of it are held. */
struct resource {
    _Atomic(int) *held;
};

static inline void resource_release(struct resource *resource)
{
    if (resource->held != NULL)
        atomic_fetch_sub(resource->held, 1);
}

#endif
