/* SPDX-License-Identifier: MIT */
/* The inverse of reading: from the model back to the words of the language. */
#include "model/print.h"

#include "lang/value.h"

#include <string.h>

const char *sn_kind_word(enum sn_kind kind)
{
    static const char *const words[] = {[SN_KIND_BOOL] = "bool",
                                        [SN_KIND_I8] = "i8",
                                        [SN_KIND_I16] = "i16",
                                        [SN_KIND_I32] = "i32",
                                        [SN_KIND_I64] = "i64",
                                        [SN_KIND_U8] = "u8",
                                        [SN_KIND_U16] = "u16",
                                        [SN_KIND_U32] = "u32",
                                        [SN_KIND_U64] = "u64",
                                        [SN_KIND_F32] = "f32",
                                        [SN_KIND_F64] = "f64",
                                        [SN_KIND_DURATION] = "duration",
                                        [SN_KIND_TIMESTAMP] = "timestamp",
                                        [SN_KIND_STRING] = "string",
                                        [SN_KIND_BYTES] = "bytes",
                                        [SN_KIND_ENUM] = "enum",
                                        [SN_KIND_STRUCT] = "struct",
                                        [SN_KIND_LIST] = "list",
                                        [SN_KIND_ARRAY] = "array",
                                        [SN_KIND_REF] = "ref",
                                        [SN_KIND_REPLY_TO] = "reply_to",
                                        [SN_KIND_C] = "c"};

    return words[kind];
}

void sn_print_number(struct sn_buffer *out, uint64_t number)
{
    static const struct {
        unsigned shift;
        char letter;
    } units[] = {{30, 'G'}, {20, 'M'}, {10, 'k'}};

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (number > 0 && (number & ((1ull << units[i].shift) - 1)) == 0) {
            sn_buffer_printf(out, "%llu%c", (unsigned long long)(number >> units[i].shift),
                             units[i].letter);
            return;
        }
    sn_buffer_printf(out, "%llu", (unsigned long long)number);
}

void sn_print_duration(struct sn_buffer *out, uint64_t ns)
{
    char text[SN_DURATION_TEXT_BYTES] = "none";

    if (ns != SN_NO_TIME_LIMIT)
        sn_value_write_duration(ns, text);
    sn_buffer_puts(out, text);
}

static void print_max(struct sn_buffer *out, const struct sn_type *type)
{
    sn_buffer_puts(out, "(");
    if (type->constant != NULL)
        sn_buffer_puts(out, type->constant->name);
    else if (type->max == SN_UNBOUNDED)
        sn_buffer_puts(out, "unbounded");
    else
        sn_print_number(out, type->max);
    sn_buffer_puts(out, ")");
}

static void print_name(struct sn_buffer *out, const struct sn_package *package,
                       const struct sn_package *owner, const char *name)
{
    sn_buffer_printf(out, "%s%s%s", owner != package ? owner->name : "",
                     owner != package ? "." : "", name);
}

static void print_container(struct sn_buffer *out, const struct sn_package *package,
                            const struct sn_type *type)
{
    sn_buffer_puts(out, sn_kind_word(type->kind));
    print_max(out, type);
    sn_buffer_puts(out, " of ");
    sn_print_type(out, package, type->of);
}

static void print_plain(struct sn_buffer *out, const struct sn_package *package,
                        const struct sn_type *type)
{
    switch (type->kind) {
    case SN_KIND_STRING:
    case SN_KIND_BYTES:
        sn_buffer_puts(out, sn_kind_word(type->kind));
        print_max(out, type);
        break;
    case SN_KIND_ENUM:
        print_name(out, package, type->enumeration->package, type->enumeration->name);
        break;
    case SN_KIND_STRUCT:
        print_name(out, package, type->structure->package, type->structure->name);
        if (type->structure->origin == SN_STRUCT_REPLY)
            sn_buffer_puts(out, "_reply");
        break;
    case SN_KIND_LIST:
    case SN_KIND_ARRAY:
        print_container(out, package, type);
        break;
    case SN_KIND_REF:
        sn_buffer_puts(out, "ref(");
        print_name(out, package, type->worker->package, type->worker->name);
        sn_buffer_puts(out, ")");
        break;
    case SN_KIND_REPLY_TO:
        sn_buffer_puts(out, "reply_to(");
        print_name(out, package, type->message->package, type->message->name);
        sn_buffer_puts(out, ")");
        break;
    case SN_KIND_C:
        sn_buffer_printf(out, "c(%s)", type->c_type);
        if (type->c_fini != NULL)
            sn_buffer_printf(out, " fini(%s)", type->c_fini);
        break;
    default:
        sn_buffer_puts(out, sn_kind_word(type->kind));
        break;
    }
}

void sn_print_type(struct sn_buffer *out, const struct sn_package *package,
                   const struct sn_type *type)
{
    if (type->alias != NULL)
        print_name(out, package, type->alias->package, type->alias->name);
    else
        print_plain(out, package, type);
    if (type->optional && (type->alias == NULL || !type->alias->type.optional))
        sn_buffer_puts(out, "?");
}

const char *sn_route_word(enum sn_route route)
{
    static const char *const words[] = {
        [SN_ROUTE_HASH] = "hash",
        [SN_ROUTE_CONSISTENT_HASH] = "consistent_hash",
        [SN_ROUTE_ROUND_ROBIN] = "round_robin",
        [SN_ROUTE_RANGE] = "range",
        [SN_ROUTE_LEAST_LOADED] = "least_loaded",
        [SN_ROUTE_CUSTOM] = "custom",
    };

    return words[route];
}

const char *sn_restart_word(enum sn_restart restart)
{
    return restart == SN_RESTART_PERMANENT   ? "permanent"
           : restart == SN_RESTART_TRANSIENT ? "transient"
                                             : "temporary";
}

const char *sn_strategy_word(enum sn_strategy strategy)
{
    return strategy == SN_ONE_FOR_ONE   ? "one_for_one"
           : strategy == SN_ONE_FOR_ALL ? "one_for_all"
                                        : "rest_for_one";
}

const char *sn_auto_shutdown_word(enum sn_auto_shutdown when)
{
    return when == SN_AUTO_SHUTDOWN_NEVER ? "never" : when == SN_AUTO_SHUTDOWN_ANY ? "any" : "all";
}

void sn_print_guard(struct sn_buffer *out, const struct sn_guard *guard)
{
    if (guard->retries > 0) {
        sn_buffer_printf(out, "retry %u (", (unsigned)guard->retries);
        sn_print_duration(out, guard->backoff_min_ns);
        sn_buffer_puts(out, "..");
        sn_print_duration(out, guard->backoff_max_ns);
        sn_buffer_puts(out, ")");
    }
    if (guard->failures > 0) {
        sn_buffer_printf(out, "%sbreaker %u (", guard->retries > 0 ? ", " : "",
                         (unsigned)guard->failures);
        sn_print_duration(out, guard->open_ns);
        sn_buffer_puts(out, ")");
    }
}

void sn_print_policy(struct sn_buffer *out, const struct sn_slot *slot)
{
    if (slot->full == SN_FULL_PARK)
        sn_buffer_printf(out, "park(%u)", (unsigned)slot->park);
    else
        sn_buffer_puts(out, slot->full == SN_FULL_REJECT        ? "reject"
                            : slot->full == SN_FULL_DROP_OLDEST ? "drop_oldest"
                                                                : "drop_newest");
}

void sn_print_key(struct sn_buffer *out, const struct sn_slot *slot)
{
    for (size_t i = 0; i < slot->path_count; i++)
        sn_buffer_printf(out, "%s%s", i > 0 ? "." : "", slot->path[i]->name);
}
