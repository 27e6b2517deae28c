/* SPDX-License-Identifier: MIT */
/* Names to declared things, with the report when there is none. */
#include "model/resolve.h"

#include <string.h>

bool sn_resolve_suggest(struct sn_resolver *resolver, const struct sn_map *map, const char *wanted)
{
    struct sn_suggest suggest = {.wanted = wanted};

    if (!sn_diags_may_suggest(resolver->diags))
        return false;
    for (size_t i = 0; i < map->capacity; i++)
        sn_suggest_add(&suggest, map->entries[i].name);
    if (suggest.best != NULL)
        sn_diag_help(resolver->diags, "did you mean '%s'?", suggest.best);
    return suggest.best != NULL;
}

struct sn_was sn_resolve_was(const struct sn_raw *raw)
{
    const struct sn_raw *was = sn_raw_get(raw, SN_WORD_WAS);

    return was != NULL ? (struct sn_was){was->text, was->node->location} : (struct sn_was){0};
}

const char *sn_resolve_split(struct sn_resolver *resolver, const char *name, const char **ret_head)
{
    const char *dot = strchr(name, '.');

    if (dot == NULL)
        return NULL;
    *ret_head = sn_arena_text(resolver->arena, name, (size_t)(dot - name));
    return dot + 1;
}

const struct sn_scope *sn_resolve_import(struct sn_resolver *resolver, const char *alias,
                                         const struct sn_location *at)
{
    const struct sn_scope *scope = sn_map_get(&resolver->scope->imports, alias);

    if (scope != NULL)
        return scope->package != NULL ? scope : NULL; /* without one, the import was reported */
    if (sn_resolve_is_written(resolver, resolver->scope, "import", alias))
        return NULL;
    sn_diag_error(resolver->diags, SN_CODE_UNKNOWN_PACKAGE, at, "no import is called '%s'", alias);
    if (resolver->scope->imports.count > 0)
        sn_resolve_suggest(resolver, &resolver->scope->imports, alias);
    else
        sn_diag_help(resolver->diags, "add `import: {%s: FILE.yaml}`", alias);
    return NULL;
}

/* The scope that a dotted name is to be looked up in, and the rest of the name. */
static const struct sn_scope *scope_of(struct sn_resolver *resolver, const char **name,
                                       const struct sn_location *at)
{
    const char *head, *rest = sn_resolve_split(resolver, *name, &head);

    if (rest == NULL)
        return resolver->scope;
    *name = rest;
    return sn_resolve_import(resolver, head, at);
}

static void report_unknown(struct sn_resolver *resolver, enum sn_code code, const char *what,
                           const char *name, const struct sn_map *map, const struct sn_location *at,
                           const char *otherwise)
{
    sn_diag_error(resolver->diags, code, at, "no %s is called '%s'", what, name);
    if (!sn_resolve_suggest(resolver, map, name) && otherwise != NULL)
        sn_diag_help(resolver->diags, "%s", otherwise);
}

/* ---- what is written, but was refused ----------------------------------- */

static const struct sn_node *value_of(const struct sn_node *map, const char *key)
{
    for (size_t i = 0; map != NULL && map->kind == SN_NODE_MAP && i < map->count; i++)
        if (strcmp(map->pairs[i].key->text, key) == 0)
            return map->pairs[i].value;
    return NULL;
}

/* The value of a key that may have been misspelt: it was reported with "did you mean". */
static const struct sn_node *written_as(const struct sn_raw *raw, const char *key)
{
    const struct sn_node *map = raw->node, *exact = value_of(map, key);
    const struct sn_shape *shape = raw->key != NULL ? raw->key->shape : sn_lang_package();

    for (size_t i = 0; exact == NULL && shape != NULL && map->kind == SN_NODE_MAP && i < map->count;
         i++) {
        struct sn_suggest suggest = {.wanted = map->pairs[i].key->text};

        if (sn_lang_key(shape, suggest.wanted) != NULL)
            continue;
        sn_suggest_add(&suggest, key);
        if (suggest.best != NULL)
            return map->pairs[i].value;
    }
    return exact;
}

bool sn_resolve_mentions(const struct sn_raw *raw, const char *key)
{
    return raw != NULL && written_as(raw, key) != NULL;
}

bool sn_resolve_is_written(const struct sn_resolver *resolver, const struct sn_scope *scope,
                           const char *section, const char *name)
{
    const struct sn_node *written = written_as(scope->raw, section);

    if (sn_diags_errors(resolver->diags) == 0 || written == NULL || sn_node_is_empty(written))
        return false;
    return written->kind != SN_NODE_MAP || value_of(written, name) != NULL;
}

bool sn_resolve_lost_fields(const struct sn_raw *raw, const char *key, size_t kept)
{
    const struct sn_node *written = raw != NULL ? written_as(raw, key) : NULL;

    if (written == NULL || sn_node_is_empty(written))
        return false;
    return written->kind != SN_NODE_MAP || written->count > kept;
}

/* A message may also be declared in the `handles` of a worker; and a protocol stands for some. */
static bool is_message_written(const struct sn_resolver *resolver, const struct sn_scope *scope,
                               const char *name)
{
    const struct sn_node *workers = written_as(scope->raw, "workers");

    if (sn_diags_errors(resolver->diags) == 0)
        return false;
    if (sn_resolve_is_written(resolver, scope, "messages", name) ||
        sn_resolve_is_written(resolver, scope, "protocols", name) ||
        (workers != NULL && workers->kind != SN_NODE_MAP && !sn_node_is_empty(workers)))
        return true;
    for (size_t i = 0; workers != NULL && i < workers->count; i++)
        if (value_of(value_of(workers->pairs[i].value, "handles"), name) != NULL)
            return true;
    return false;
}

bool sn_resolve_is_pool_written(const struct sn_resolver *resolver, const char *name)
{
    const struct sn_scope *scope = resolver->scope;

    return sn_resolve_is_written(resolver, scope, "pools", name) ||
           (sn_map_get(&scope->workers, name) == NULL &&
            sn_resolve_is_written(resolver, scope, "workers", name));
}

/* ---- names -------------------------------------------------------------- */

const struct sn_message *sn_resolve_message(struct sn_resolver *resolver, const char *name,
                                            const struct sn_location *at)
{
    const struct sn_scope *scope = scope_of(resolver, &name, at);
    const struct sn_bound_message *bound;

    if (scope == NULL)
        return NULL;
    bound = sn_map_get(&scope->messages, name);
    if (bound != NULL)
        return bound->message;
    if (!is_message_written(resolver, scope, name))
        report_unknown(resolver, SN_CODE_UNKNOWN_MESSAGE, "message", name, &scope->messages, at,
                       "declare it under `messages:`");
    return NULL;
}

const struct sn_worker *sn_resolve_worker(struct sn_resolver *resolver, const char *name,
                                          const struct sn_location *at)
{
    const struct sn_scope *scope = scope_of(resolver, &name, at);
    const struct sn_bound_worker *bound;

    if (scope == NULL)
        return NULL;
    bound = sn_map_get(&scope->workers, name);
    if (bound != NULL)
        return bound->worker;
    if (!sn_resolve_is_written(resolver, scope, "workers", name))
        report_unknown(resolver, SN_CODE_UNKNOWN_WORKER, "worker", name, &scope->workers, at,
                       "declare it under `workers:`");
    return NULL;
}

const struct sn_pool *sn_resolve_pool(struct sn_resolver *resolver, const char *name,
                                      const struct sn_location *at)
{
    const struct sn_bound_pool *bound = sn_map_get(&resolver->scope->pools, name);
    const struct sn_bound_worker *worker = sn_map_get(&resolver->scope->workers, name);
    bool message = sn_map_get(&resolver->scope->messages, name) != NULL;

    if (bound != NULL)
        return bound->pool;
    if (sn_resolve_is_pool_written(resolver, name))
        return NULL;
    report_unknown(resolver, SN_CODE_UNKNOWN_POOL, "pool", name, &resolver->scope->pools, at,
                   message ? "this is a message: write pool.message" : NULL);
    for (size_t i = 0; worker != NULL && i < resolver->scope->bound_pool_count; i++)
        if (resolver->scope->bound_pools[i].pool->worker == worker->worker) {
            sn_diag_help(resolver->diags, "'%s' is a worker; its pool is '%s'", name,
                         resolver->scope->bound_pools[i].pool->name);
            break;
        }
    return NULL;
}

const struct sn_slot *sn_resolve_slot(struct sn_resolver *resolver, const struct sn_pool *pool,
                                      const char *name, const struct sn_location *at)
{
    const struct sn_bound_pool *bound = sn_map_get(&resolver->scope->pools, pool->name);
    const struct sn_slot *slot = bound != NULL ? sn_map_get(&bound->slots, name) : NULL;
    const struct sn_bound_worker *worker;
    struct sn_suggest suggest = {.wanted = name};
    size_t candidates;

    if (slot != NULL || pool->worker == NULL)
        return slot; /* a pool without a worker was reported */
    worker = sn_map_get(&resolver->scope->workers, pool->worker->name);
    if (worker != NULL && worker->partial)
        return NULL;
    candidates = sn_diags_may_suggest(resolver->diags) ? pool->slot_count : 0;
    for (size_t i = 0; i < candidates; i++)
        sn_suggest_add(&suggest, pool->slots[i].message->name);
    sn_diag_error(resolver->diags, SN_CODE_NOT_HANDLED, at, "the pool '%s' does not handle '%s'",
                  pool->name, name);
    if (suggest.best != NULL)
        sn_diag_help(resolver->diags, "did you mean '%s'?", suggest.best);
    else
        sn_diag_help(resolver->diags, "add it to the `handles` of the worker '%s'",
                     pool->worker->name);
    return NULL;
}

bool sn_resolve_enter(struct sn_resolver *resolver, const struct sn_location *at)
{
    if (++resolver->depth <= SN_TYPE_DEPTH_MAX)
        return true;
    sn_resolve_too_deep(resolver, at);
    return false;
}

void sn_resolve_too_deep(struct sn_resolver *resolver, const struct sn_location *at)
{
    if (!resolver->too_deep)
        sn_diag_error(resolver->diags, SN_CODE_RECURSIVE_TYPE, at,
                      "types are nested deeper than %d levels", SN_TYPE_DEPTH_MAX);
    resolver->too_deep = true;
}

void sn_resolve_leave(struct sn_resolver *resolver)
{
    resolver->depth--;
}

const struct sn_constant *sn_resolve_constant(struct sn_resolver *resolver, const char *name,
                                              const struct sn_location *at)
{
    const struct sn_constant *constant = sn_map_get(&resolver->scope->constants, name);

    if (constant == NULL && !sn_resolve_is_written(resolver, resolver->scope, "constants", name))
        report_unknown(resolver, SN_CODE_UNKNOWN_CONSTANT, "constant", name,
                       &resolver->scope->constants, at, "declare it under `constants:`");
    return constant;
}

uint64_t sn_resolve_number(struct sn_resolver *resolver, const struct sn_raw *raw,
                           uint64_t fallback)
{
    const struct sn_constant *constant;

    if (raw == NULL)
        return fallback;
    if (raw->text == NULL)
        return raw->number;
    constant = sn_resolve_constant(resolver, raw->text, &raw->node->location);
    if (constant == NULL)
        return fallback;
    if (constant->value >= raw->key->min &&
        (raw->key->max == 0 || constant->value <= raw->key->max))
        return constant->value;
    sn_diag_error(resolver->diags, SN_CODE_OUT_OF_RANGE, &raw->node->location,
                  "'%s' is out of range: %s is %llu", raw->key->name, constant->name,
                  (unsigned long long)constant->value);
    sn_diag_help(resolver->diags, "it may be %llu to %llu", (unsigned long long)raw->key->min,
                 (unsigned long long)raw->key->max);
    return fallback;
}
