/* SPDX-License-Identifier: MIT */
#include "system.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int choose_io(struct sn_system_options *options)
{
    const char *name = getenv("SN_BENCH_IO");

    if (name == NULL)
        return 0;
    if (strcmp(name, "epoll") != 0 && strcmp(name, "io_uring") != 0)
        return -EINVAL;
    options->io_backend = *name == 'e' ? SN_IO_BACKEND_EPOLL : SN_IO_BACKEND_URING;
    return 0;
}

/* SN_BENCH_SHARDS starts more shards than the row has work for, on the same CPUs. */
static int choose_shards(unsigned shards, struct sn_system_options *options)
{
    const char *text = getenv("SN_BENCH_SHARDS");
    unsigned long number = text != NULL ? strtoul(text, NULL, 10) : shards;

    if (number < shards || number > 1024)
        return -EINVAL;
    options->shards = (uint32_t)number;
    return 0;
}

int bench_system_prepare(const struct bench_context *context, unsigned shards,
                         struct sn_system_options *ret_options)
{
    cpu_set_t set;

    *ret_options =
        (struct sn_system_options){.seed = 1, .spin_ns = bench_parameter(context, "spin_ns")};
    if (shards > context->cpu_count)
        return BENCH_SKIPPED;
    CPU_ZERO(&set);
    for (unsigned i = 0; i < shards; i++)
        CPU_SET((size_t)context->cpus[i], &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        return -errno;
    int rc = choose_shards(shards, ret_options);
    return rc != 0 ? rc : choose_io(ret_options);
}

int bench_system_aside(const struct bench_context *context, unsigned shards)
{
    return shards < context->cpu_count ? bench_pin(context, shards) : 0;
}

int bench_system_result(const struct bench_context *context, int rc)
{
    if (rc <= 0)
        return rc;
    fprintf(stderr, "sn-bench: %s: %s\n", context->row->name, sn_result_name(rc));
    return -EPROTO;
}
