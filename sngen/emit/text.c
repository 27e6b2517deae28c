/* SPDX-License-Identifier: MIT */
/* Small texts: numbers, times, literals and origins as generated C spells them. */
#include "emit/emitter.h"

#include <stdlib.h>
#include <string.h>

const char *sn_emit_text(struct sn_emit *emit, const char *text,
                         const struct sn_template_slot *slots)
{
    return sn_template_text(emit->arena, text, slots);
}

const char *sn_emit_printf(struct sn_emit *emit, const char *format, ...)
{
    const char *text;
    va_list list;

    va_start(list, format);
    text = sn_arena_vprintf(emit->arena, format, list);
    va_end(list);
    return text;
}

const char *sn_emit_number(struct sn_emit *emit, uint64_t number)
{
    if (number <= INT32_MAX)
        return sn_emit_printf(emit, "%" PRIu64, number);
    return sn_emit_printf(emit, "UINT64_C(%" PRIu64 ")", number);
}

const char *sn_emit_time(struct sn_emit *emit, uint64_t time_ns)
{
    static const struct {
        uint64_t unit_ns;
        const char *name;
    } units[] = {
        {UINT64_C(3600000000000), "SN_HOUR"},
        {UINT64_C(60000000000), "SN_MINUTE"},
        {UINT64_C(1000000000), "SN_SECOND"},
        {UINT64_C(1000000), "SN_MS"},
        {UINT64_C(1000), "SN_US"},
    };

    if (time_ns == SN_NO_TIME_LIMIT)
        return "SN_FOREVER";
    for (size_t i = 0; time_ns > 0 && i < sizeof units / sizeof *units; i++)
        if (time_ns % units[i].unit_ns == 0)
            return sn_emit_printf(emit, "%" PRIu64 " * %s", time_ns / units[i].unit_ns,
                                  units[i].name);
    return sn_emit_number(emit, time_ns);
}

const char *sn_emit_time_text(struct sn_emit *emit, uint64_t time_ns)
{
    static const struct {
        uint64_t unit_ns;
        const char *name;
    } units[] = {
        {UINT64_C(3600000000000), "h"}, {UINT64_C(60000000000), "min"}, {UINT64_C(1000000000), "s"},
        {UINT64_C(1000000), "ms"},      {UINT64_C(1000), "us"},
    };

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (time_ns % units[i].unit_ns == 0)
            return sn_emit_printf(emit, "%" PRIu64 " %s", time_ns / units[i].unit_ns,
                                  units[i].name);
    return sn_emit_printf(emit, "%" PRIu64 " ns", time_ns);
}

const char *sn_emit_literal(struct sn_emit *emit, const char *text, size_t size)
{
    struct sn_buffer out = {0};
    const char *literal = "";

    sn_buffer_puts(&out, "\"");
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];

        /* Octal, three digits: nothing behind can be taken for a part of it. `?` too: trigraphs. */
        if (c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '?')
            sn_buffer_printf(&out, "\\%03o", c);
        else
            sn_buffer_append(&out, text + i, 1);
    }
    sn_buffer_puts(&out, "\"");
    if (out.failed)
        sn_arena_fail(emit->arena);
    else
        literal = sn_arena_text(emit->arena, out.data, out.size);
    sn_buffer_fini(&out);
    return literal;
}

const char *sn_emit_base_name(const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;

    if (path == NULL)
        return "";
    return slash != NULL ? slash + 1 : path;
}

const char *sn_emit_origin(struct sn_emit *emit, const struct sn_location *location,
                           const char *what)
{
    if (location->file == NULL)
        return what;
    return sn_emit_printf(emit, "%s:%" PRIu32 ", %s", sn_emit_base_name(location->file),
                          location->line, what);
}

const char *sn_emit_stem(struct sn_emit *emit, const struct sn_package *package)
{
    const char *name = sn_emit_base_name(package->file);
    const char *dot = strrchr(name, '.');

    return dot != NULL && dot > name ? sn_arena_text(emit->arena, name, (size_t)(dot - name))
                                     : name;
}

const char *sn_name_pool_id(struct sn_emit *emit, const struct sn_pool *pool)
{
    return sn_name_upper(emit->arena,
                         sn_emit_printf(emit, "%s_pool_%s", pool->package->name, pool->name));
}

const char *sn_name_custom_route(struct sn_emit *emit, const struct sn_pool *pool,
                                 const struct sn_message *message)
{
    return sn_emit_printf(emit, "%s_%s", sn_name_pool_route(emit->arena, pool), message->name);
}

const char *sn_name_role_id(struct sn_emit *emit, const struct sn_worker *worker,
                            const struct sn_ask *ask)
{
    return sn_name_upper(
        emit->arena,
        sn_emit_printf(emit, "%s_role_%s", sn_name_worker(emit->arena, worker), ask->role));
}

const char *sn_name_timer_id(struct sn_emit *emit, const struct sn_worker *worker,
                             const char *timer)
{
    return sn_name_upper(emit->arena, sn_emit_printf(emit, "%s_timer_%s",
                                                     sn_name_worker(emit->arena, worker), timer));
}

void sn_emit_file_head(struct sn_emit *emit, struct sn_buffer *out)
{
    sn_template_write(out,
                      "/* Generated by sngen from ${file}; change that file instead.\n"
                      " * Generated code is free of conditions: use it as you like. */\n",
                      SN_SLOTS({"file", sn_emit_base_name(emit->package->file)}));
}

bool sn_emit_first(struct sn_emit *emit, const char *key)
{
    return sn_map_put(&emit->helpers, key, key) == NULL;
}

bool sn_emit_is_own(const struct sn_emit_options *options, const struct sn_package *package)
{
    const char *own = options != NULL ? options->own_schemas : NULL;
    size_t size = own != NULL ? strlen(own) : 0;

    return size > 0 && strncmp(package->file, own, size) == 0 && package->file[size] == '/';
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

void sn_emit_includes(struct sn_emit *emit, struct sn_buffer *out, const char **names, size_t count)
{
    const char *main = sn_emit_printf(emit, "%s.h", sn_emit_stem(emit, emit->package));

    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], main) == 0)
            sn_template_write(out, "#include \"${name}\"\n", SN_SLOTS({"name", names[i]}));
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], main) != 0)
            sn_template_write(out, "#include \"${name}\"\n", SN_SLOTS({"name", names[i]}));
}
