/* SPDX-License-Identifier: MIT */
/*
 * Members made at run time: only they can be spawned, and whatever counts members, numbers them or
 * asks each of them has no meaning for them.
 */
#include "check/checks.h"

static void check_spawned(const struct sn_bond *spawns, size_t count, struct sn_diags *diags)
{
    for (size_t i = 0; i < count; i++) {
        const struct sn_pool *pool = spawns[i].pool;

        if (pool->at_run_time)
            continue;
        sn_diag_error(diags, SN_CODE_BAD_VALUE, &spawns[i].location,
                      "the members of '%s' are made at the start, and nobody spawns others",
                      pool->name);
        sn_diag_note(diags, &pool->location, "the pool");
        sn_diag_help(diags, "give it a size like `0..10k`");
    }
}

/* An edge to such a pool. */
static void check_edge(const struct sn_edge *edge, struct sn_diags *diags)
{
    if (edge->pool == NULL || !edge->pool->at_run_time)
        return;
    if (edge->each) {
        sn_diag_error(diags, SN_CODE_BAD_VALUE, &edge->location,
                      "the members of '%s' are made at run time, and nobody has a list of them",
                      edge->pool->name);
        sn_diag_help(diags, "send to each reference that you keep");
    }
    if (edge->guard != NULL || edge->batch_bytes > 0)
        sn_diag_error(diags, SN_CODE_NOT_AVAILABLE, &edge->location,
                      "retries, breakers and batches are not available for members that are made "
                      "at run time in sngen 0.1");
}

static void check_edges(const struct sn_edge *edges, size_t count, struct sn_diags *diags)
{
    for (size_t i = 0; i < count; i++)
        check_edge(&edges[i], diags);
}

static bool spawns(const struct sn_bond *list, size_t count, const struct sn_pool *pool)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].pool == pool)
            return true;
    return false;
}

static bool is_spawned(const struct sn_package *package, const struct sn_pool *pool)
{
    for (size_t i = 0; i < package->worker_count; i++)
        if (spawns(package->workers[i]->spawns, package->workers[i]->spawn_count, pool))
            return true;
    return spawns(package->spawns, package->spawn_count, pool);
}

static void check_pool(const struct sn_package *package, const struct sn_pool *pool,
                       struct sn_diags *diags)
{
    const struct sn_worker *worker = pool->worker;

    if (!pool->at_run_time || worker == NULL)
        return;
    if (!is_spawned(package, pool)) {
        sn_diag_warning(diags, SN_CODE_UNREACHABLE, &pool->location,
                        "nobody makes members of the pool '%s'", pool->name);
        sn_diag_help(diags, "name it in the `spawns` of a worker, or in `main: {spawns: [...]}`");
    }
    if (worker->has_dead_letters)
        sn_diag_error(diags, SN_CODE_NOT_AVAILABLE, &pool->location,
                      "members that are made at run time are shown no dead letters in sngen 0.1");
    for (size_t i = 0; worker->args != NULL && i < worker->args->field_count; i++)
        if (worker->args->fields[i].type.kind == SN_KIND_REPLY_TO)
            sn_diag_error(diags, SN_CODE_TYPE_NOT_HERE, &worker->args->fields[i].location,
                          "a reply address cannot be an argument: send it in a message");
}

static void check_children(const struct sn_supervisor *supervisor, struct sn_diags *diags)
{
    for (size_t i = 0; i < supervisor->child_count; i++) {
        const struct sn_child *child = &supervisor->children[i];

        if (child->pool == NULL || !child->pool->at_run_time || !child->significant)
            continue;
        sn_diag_error(diags, SN_CODE_SUPERVISION, &child->location,
                      "the members of '%s' come and go, so their end stops nobody: they cannot be "
                      "significant",
                      child->pool->name);
    }
}

void sn_check_spawns(const struct sn_model *model, struct sn_diags *diags)
{
    const struct sn_package *package = model->package;

    for (size_t i = 0; i < package->worker_count; i++) {
        const struct sn_worker *worker = package->workers[i];

        check_spawned(worker->spawns, worker->spawn_count, diags);
        check_edges(worker->edges, worker->edge_count, diags);
        for (size_t k = 0; k < worker->ask_count; k++)
            check_edge(&worker->asks[k].edge, diags);
    }
    check_spawned(package->spawns, package->spawn_count, diags);
    check_edges(package->edges, package->edge_count, diags);
    for (size_t i = 0; i < package->phase_count; i++)
        check_edges(package->phases[i].asks, package->phases[i].ask_count, diags);
    for (size_t i = 0; i < package->pool_count; i++)
        check_pool(package, package->pools[i], diags);
    for (size_t i = 0; i < package->supervisor_count; i++)
        check_children(package->supervisors[i], diags);
}
