/* SPDX-License-Identifier: MIT */
/* Watches and links: the functions that begin and end them, and the way of a DOWN to its handler.
 */
#include "emit/emitter.h"

/* `watches` or `links` of a worker. */
struct bonds {
    const struct sn_worker *worker;
    const struct sn_bond *list;
    size_t count;
    const char *begin, *end; /* verbs */
    bool link;
};

static struct bonds watches_of(const struct sn_worker *worker)
{
    return (struct bonds){worker, worker->watches, worker->watch_count, "watch", "unwatch", false};
}

static struct bonds links_of(const struct sn_worker *worker)
{
    return (struct bonds){worker, worker->links, worker->link_count, "link", "unlink", true};
}

bool sn_pool_is_indexed(const struct sn_pool *pool)
{
    return !pool->at_run_time && (pool->size_auto || pool->size > 1);
}

/* The parameter that says which member. */
static const char *member_of(struct sn_emit *emit, const struct sn_pool *pool)
{
    if (pool->at_run_time)
        return sn_emit_printf(emit, ", %s ref", sn_name_ref(emit->arena, pool->worker));
    return sn_pool_is_indexed(pool) ? ", uint32_t index" : "";
}

static const char *prototype(struct sn_emit *emit, const struct bonds *bonds, const char *verb,
                             const struct sn_pool *pool, enum sn_form form)
{
    return sn_emit_text(
        emit, "int ${name}(struct ${worker} *self${index})",
        SN_SLOTS({"name", sn_name_bond(emit->arena, bonds->worker, verb, pool, form)},
                 {"worker", sn_name_worker(emit->arena, bonds->worker)},
                 {"index", form != SN_FORM_ALL ? member_of(emit, pool) : ""}));
}

const char *sn_proto_on_down(struct sn_emit *emit, const struct sn_worker *worker,
                             const struct sn_pool *pool)
{
    return sn_emit_text(emit, "int ${name}(struct ${worker} *self${index}, int reason)",
                        SN_SLOTS({"name", sn_name_on_down(emit->arena, worker, pool)},
                                 {"worker", sn_name_worker(emit->arena, worker)},
                                 {"index", member_of(emit, pool)}));
}

/* ---- the header ----------------------------------------------------------------------------- */

static void declare(struct sn_emit *emit, struct sn_buffer *out, const struct bonds *bonds,
                    const char *doc)
{
    static const enum sn_form several[] = {SN_FORM_AT, SN_FORM_ALL};

    for (size_t i = 0; i < bonds->count; i++) {
        const struct sn_bond *bond = &bonds->list[i];
        const char *what = sn_emit_printf(emit, "%s \"%s\"", bonds->link ? "link with" : "watch of",
                                          bond->pool->name);

        sn_buffer_puts(out, "\n");
        sn_layout_comment(out, 0, doc, sn_emit_origin(emit, &bond->location, what));
        for (size_t verb = 0; verb < 2; verb++) {
            const char *word = verb == 0 ? bonds->begin : bonds->end;

            if (!sn_pool_is_indexed(bond->pool))
                sn_template_write(out, "${prototype};\n",
                                  SN_SLOTS({"prototype", prototype(emit, bonds, word, bond->pool,
                                                                   SN_FORM_PLAIN)}));
            for (size_t k = 0; k < 2 && sn_pool_is_indexed(bond->pool); k++)
                sn_template_write(
                    out, "${prototype};\n",
                    SN_SLOTS({"prototype", prototype(emit, bonds, word, bond->pool, several[k])}));
        }
    }
}

void sn_declare_bonds(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    struct bonds watches = watches_of(worker), links = links_of(worker);

    declare(emit, out, &watches,
            "For one end; to be told of the next one, watch again. Results: 0, SN_GONE (there is "
            "no such member), -ENOMEM.");
    declare(emit, out, &links,
            "Until one of the two ends: if it fails, so does the other, with the same reason. "
            "Results: 0, SN_GONE (there is no such member), -ENOMEM.");
}

/* ---- the source ----------------------------------------------------------------------------- */

static void define_one(struct sn_emit *emit, struct sn_buffer *out, const struct bonds *bonds,
                       const char *verb, const struct sn_pool *pool)
{
    bool indexed = sn_pool_is_indexed(pool);

    sn_template_write(
        out,
        "${prototype}\n"
        "{\n"
        "    return sn_actor_${call}${by}(self->sn, ${pool}, ${index}, ${link});\n"
        "}\n\n",
        SN_SLOTS(
            {"prototype", prototype(emit, bonds, verb, pool, indexed ? SN_FORM_AT : SN_FORM_PLAIN)},
            {"call", verb == bonds->begin ? "watch" : "unwatch"},
            {"by", pool->at_run_time ? "_ref" : ""}, {"pool", sn_name_pool_id(emit, pool)},
            {"index", pool->at_run_time ? "ref.ref"
                      : indexed         ? "index"
                                        : "0"},
            {"link", bonds->link ? "true" : "false"}));
    if (indexed)
        sn_template_write(
            out,
            "${prototype}\n"
            "{\n"
            "    uint32_t count = sn_route_count(sn_actor_router(self->sn), ${pool});\n"
            "    int rc = 0;\n"
            "\n"
            "    for (uint32_t index = 0; rc == 0 && index < count; index++)\n"
            "        rc = ${one}(self, index);\n"
            "    return rc;\n"
            "}\n\n",
            SN_SLOTS({"prototype", prototype(emit, bonds, verb, pool, SN_FORM_ALL)},
                     {"pool", sn_name_pool_id(emit, pool)},
                     {"one", sn_name_bond(emit->arena, bonds->worker, verb, pool, SN_FORM_AT)}));
}

static void define(struct sn_emit *emit, struct sn_buffer *out, const struct bonds *bonds)
{
    for (size_t i = 0; i < bonds->count; i++) {
        define_one(emit, out, bonds, bonds->begin, bonds->list[i].pool);
        define_one(emit, out, bonds, bonds->end, bonds->list[i].pool);
    }
}

void sn_emit_bonds(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    struct bonds watches = watches_of(worker), links = links_of(worker);

    define(emit, out, &watches);
    define(emit, out, &links);
}

static const char *down_argument(struct sn_emit *emit, const struct sn_pool *pool)
{
    if (pool->at_run_time)
        return sn_emit_printf(emit, ", (%s){sn_source(self->sn)}",
                              sn_name_ref(emit->arena, pool->worker));
    return sn_pool_is_indexed(pool) ? ", index" : "";
}

void sn_emit_down(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    bool reads_index = false;

    if (worker->watch_count == 0)
        return;
    for (size_t i = 0; i < worker->watch_count; i++)
        reads_index |= sn_pool_is_indexed(worker->watches[i].pool);
    sn_template_write(out,
                      "static int ${name}(void *actor, uint16_t pool, uint32_t index, int reason)\n"
                      "{\n"
                      "    struct ${worker} *self = actor;\n"
                      "\n"
                      "    ${unused}\n"
                      "    switch (pool) {\n",
                      SN_SLOTS({"name", sn_name_hook(emit->arena, worker, "down")},
                               {"worker", sn_name_worker(emit->arena, worker)},
                               {"unused", reads_index ? "" : "(void)index;"}));
    for (size_t i = 0; i < worker->watch_count; i++) {
        const struct sn_pool *pool = worker->watches[i].pool;

        sn_template_write(out,
                          "    case ${pool}:\n"
                          "        return ${handler}(self${index}, reason);\n",
                          SN_SLOTS({"pool", sn_name_pool_id(emit, pool)},
                                   {"handler", sn_name_on_down(emit->arena, worker, pool)},
                                   {"index", down_argument(emit, pool)}));
    }
    sn_buffer_puts(out, "    default:\n        return SN_INVALID;\n    }\n}\n\n");
}
