/* SPDX-License-Identifier: MIT */
/*
 * What a user has still to write.
 *
 * A file of the user is written once, when it is not there; later there are only suggestions. A
 * function exists if its name, followed by `(`, stands anywhere in the C text of the folder: good
 * enough, and it finds handlers wherever the user has moved them.
 */
#include "emit/emitter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One run over all workers. */
struct stubs {
    struct sn_emit *emit;
    struct sn_emit_stubs_folder *folder;
    struct sn_map known;       /* the functions that the schema wants */
    struct sn_buffer *missing; /* bodies; NULL: only enter the names in `known` */
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t word_size(const char *text)
{
    size_t size = 0;

    while (is_word(text[size]))
        size++;
    return size;
}

/* Whether a word is followed by `(`. */
static bool is_called(const char *behind)
{
    while (*behind == ' ' || *behind == '\t' || *behind == '\n')
        behind++;
    return *behind == '(';
}

static bool exists(const struct stubs *stubs, const char *name)
{
    const char *text = stubs->folder->text;
    size_t size = strlen(name);

    for (const char *at = text; at != NULL && (at = strstr(at, name)) != NULL; at += size)
        if ((at == text || !is_word(at[-1])) && is_called(at + size))
            return true;
    return false;
}

/* `(void)name;` for each parameter of a prototype: the last word before a comma or the end. */
static void put_unused(struct sn_buffer *out, const char *prototype)
{
    const char *open = strchr(prototype, '(');
    const char *word = NULL;
    size_t size = 0;

    for (const char *at = open + 1; *at != '\0'; at++) {
        if (is_word(*at) && !is_word(at[-1])) {
            word = at;
            size = word_size(at);
        }
        if ((*at == ',' || *at == ')') && word != NULL) {
            sn_buffer_puts(out, "    (void)");
            sn_buffer_append(out, word, size);
            sn_buffer_puts(out, ";\n");
            word = NULL;
        }
    }
}

/* One function that the schema wants: enter it, or write its body if it does not exist. */
static void want(struct stubs *stubs, const char *prototype, const struct sn_location *location,
                 const char *what)
{
    const char *open = strchr(prototype, '(');
    const char *begin = open;
    const char *name;

    if (open == NULL)
        return; /* memory is short; the arena knows */
    while (begin > prototype && is_word(begin[-1]))
        begin--;
    name = sn_arena_text(stubs->emit->arena, begin, (size_t)(open - begin));
    if (stubs->missing == NULL) {
        sn_map_put(&stubs->known, name, name);
        return;
    }
    if (exists(stubs, name))
        return;
    sn_buffer_puts(stubs->missing, "\n");
    sn_layout_comment(stubs->missing, 0, NULL, sn_emit_origin(stubs->emit, location, what));
    sn_template_write(stubs->missing, "${prototype}\n{\n", SN_SLOTS({"prototype", prototype}));
    put_unused(stubs->missing, prototype);
    sn_buffer_puts(stubs->missing,
                   strncmp(prototype, "void ", 5) == 0 ? "}\n" : "    return 0;\n}\n");
}

static void want_hooks(struct stubs *stubs, const struct sn_worker *worker)
{
    if (worker->has_init)
        want(stubs, sn_proto_init(stubs->emit, worker), &worker->location, "hook \"init\"");
    if (worker->has_shutdown)
        want(stubs, sn_proto_shutdown(stubs->emit, worker), &worker->location, "hook \"shutdown\"");
    if (worker->tick_ns > 0)
        want(stubs, sn_proto_tick(stubs->emit, worker), &worker->location, "tick");
}

static void want_worker(struct stubs *stubs, const struct sn_worker *worker)
{
    struct sn_emit *emit = stubs->emit;

    want_hooks(stubs, worker);
    for (size_t i = 0; i < worker->handle_count; i++) {
        const struct sn_message *message = worker->handles[i];
        const char *kind = message->reply != NULL ? "request" : "message";

        want(stubs, sn_proto_on_message(emit, worker, message), &message->location,
             sn_emit_printf(emit, "%s \"%s\"", kind, message->name));
    }
    for (size_t i = 0; i < worker->ask_count; i++)
        want(stubs, sn_proto_on_ask(emit, worker, &worker->asks[i]), &worker->asks[i].location,
             sn_emit_printf(emit, "ask \"%s\" has ended", worker->asks[i].role));
    for (size_t i = 0; i < worker->dead_count; i++)
        want(stubs, sn_proto_on_dead(emit, worker, worker->dead[i]), &worker->location,
             sn_emit_printf(emit, "a dead letter: \"%s\"", worker->dead[i]->name));
    if (worker->has_dead_letters)
        want(stubs, sn_proto_on_dead(emit, worker, NULL), &worker->location,
             "any other dead letter");
    for (size_t i = 0; i < worker->watch_count; i++)
        want(stubs, sn_proto_on_down(emit, worker, worker->watches[i].pool),
             &worker->watches[i].location,
             sn_emit_printf(emit, "a watch of \"%s\" has ended", worker->watches[i].pool->name));
    for (size_t i = 0; i < worker->timer_count; i++)
        want(stubs, sn_proto_on_timer(emit, worker, &worker->timers[i]),
             &worker->timers[i].location,
             sn_emit_printf(emit, "timer \"%s\"", worker->timers[i].name));
}

/* The partitioners of pools with `route: custom` belong to the file of the pool's worker. */
static void want_routes(struct stubs *stubs, const struct sn_worker *worker)
{
    const struct sn_package *package = stubs->emit->package;

    for (size_t p = 0; p < package->pool_count; p++) {
        const struct sn_pool *pool = package->pools[p];

        if (pool->worker != worker || pool->route != SN_ROUTE_CUSTOM)
            continue;
        for (size_t i = 0; i < pool->slot_count; i++)
            if (sn_is_custom_routed(stubs->emit, pool, pool->slots[i].message))
                want(stubs, sn_proto_route(stubs->emit, pool, pool->slots[i].message),
                     &pool->location,
                     sn_emit_printf(stubs->emit, "the member of \"%s\", from 0 to count - 1",
                                    pool->name));
    }
}

static int write_file(struct stubs *stubs, struct sn_emit_sink *sink,
                      const struct sn_worker *worker, const char *name,
                      const struct sn_buffer *missing)
{
    struct sn_buffer out = {0};
    int rc = 0;

    sn_template_write(
        &out,
        "/* The handlers of worker \"${worker}\": written once by sngen, yours from now on. */\n"
        "#include \"${header}\"\n",
        SN_SLOTS({"worker", worker->name},
                 {"header", sn_name_worker_header(stubs->emit->arena, worker)}));
    sn_buffer_append(&out, missing->data, missing->size);
    if (out.failed || sn_arena_failed(stubs->emit->arena))
        rc = -ENOMEM;
    else
        rc = sink->file(sink, name, out.data, out.size);
    sn_buffer_fini(&out);
    return rc;
}

/* What is missing of one worker: a new file, or text to paste. */
static int give_worker(struct stubs *stubs, const struct sn_worker *worker,
                       struct sn_emit_sink *sink, struct sn_buffer *report)
{
    const char *name = sn_emit_printf(stubs->emit, "%s.c", worker->name);
    struct sn_buffer missing = {0};
    char *text = NULL;
    int rc = stubs->folder->read(stubs->folder, name, &text);

    stubs->missing = &missing;
    want_worker(stubs, worker);
    want_routes(stubs, worker);
    stubs->missing = NULL;
    if (rc == 0 && missing.failed)
        rc = -ENOMEM;
    if (rc == 0 && missing.size > 0 && text == NULL)
        rc = write_file(stubs, sink, worker, name, &missing);
    else if (rc == 0 && missing.size > 0)
        sn_buffer_printf(report, "Missing of worker \"%s\", for %s:\n%s\n", worker->name, name,
                         missing.data);
    sn_buffer_fini(&missing);
    free(text);
    return rc;
}

/* Whether a function looks like one that sngen would have called for this worker. */
static bool is_of_worker(const char *word, size_t size, const char *worker)
{
    static const char *const hooks[] = {"_init", "_shutdown", "_tick"};
    size_t stem = strlen(worker);

    if (size <= stem || strncmp(word, worker, stem) != 0)
        return false;
    if (size > stem + 4 && strncmp(word + stem, "_on_", 4) == 0)
        return true;
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++)
        if (size - stem == strlen(hooks[i]) && strncmp(word + stem, hooks[i], size - stem) == 0)
            return true;
    return false;
}

/* Name each function of the folder that a worker once had. */
static void give_obsolete(struct stubs *stubs, const struct sn_worker *worker,
                          struct sn_buffer *report)
{
    struct sn_arena *arena = stubs->emit->arena;
    const char *stem = sn_name_worker(arena, worker);
    const char *at = stubs->folder->text;

    while (at != NULL && *at != '\0') {
        size_t size = word_size(at);
        const char *name;

        if (size > 0 && is_of_worker(at, size, stem) && is_called(at + size)) {
            name = sn_arena_text(arena, at, size);
            if (sn_map_put(&stubs->known, name, name) == NULL)
                sn_buffer_printf(report, "No longer declared: %s()\n", name);
        }
        at += size > 0 ? size : 1;
    }
}

static int give_all(struct stubs *stubs, struct sn_emit_sink *sink, struct sn_buffer *report)
{
    const struct sn_package *package = stubs->emit->package;
    int rc = 0;

    for (size_t i = 0; i < package->worker_count; i++) {
        want_worker(stubs, package->workers[i]);
        want_routes(stubs, package->workers[i]);
    }
    for (size_t i = 0; rc == 0 && i < package->worker_count; i++)
        rc = give_worker(stubs, package->workers[i], sink, report);
    for (size_t i = 0; rc == 0 && i < package->worker_count; i++)
        give_obsolete(stubs, package->workers[i], report);
    if (rc == 0 && (report->failed || sn_arena_failed(stubs->emit->arena)))
        rc = -ENOMEM;
    return rc;
}

int sn_emit_stubs(const struct sn_model *model, struct sn_emit_stubs_folder *folder,
                  struct sn_emit_sink *sink, struct sn_buffer *ret_report)
{
    struct sn_emit emit = {.model = model, .package = model->package};
    struct stubs stubs = {.emit = &emit, .folder = folder};
    int rc;

    emit.arena = sn_arena_create();
    if (emit.arena == NULL)
        return -ENOMEM;
    sn_map_init(&emit.declared, emit.arena);
    sn_map_init(&emit.traits, emit.arena);
    sn_map_init(&emit.helpers, emit.arena);
    sn_map_init(&stubs.known, emit.arena);
    rc = give_all(&stubs, sink, ret_report);
    sn_arena_destroy(emit.arena);
    return rc;
}
