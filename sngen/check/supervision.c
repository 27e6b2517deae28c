/* SPDX-License-Identifier: MIT */
/* Supervisors and the policies of their children: what contradicts each other. */
#include "check/checks.h"

#include "lang/value.h"

static void check_poison(const struct sn_pool *pool, struct sn_diags *diags)
{
    if (pool->poison_after == 0 || pool->restart != SN_RESTART_TEMPORARY)
        return;
    sn_diag_error(diags, SN_CODE_SUPERVISION, &pool->location,
                  "the pool '%s' is temporary, so no message can fail twice: `poison_after` has no "
                  "meaning",
                  pool->name);
    sn_diag_help(diags, "leave `poison_after` away, or restart the pool");
}

/* The shortest pause before a restart that has `earlier` ones in its window: as the runtime's
 * sn_window_backoff() with the smallest random number. */
static uint64_t shortest_pause(const struct sn_supervisor *supervisor, uint32_t earlier)
{
    uint64_t longest = supervisor->backoff_max_ns, shortest;

    if (earlier < 64 && supervisor->backoff_min_ns <= longest >> earlier)
        longest = supervisor->backoff_min_ns << earlier;
    shortest = longest - longest / 2;
    return shortest > supervisor->backoff_min_ns ? shortest : supervisor->backoff_min_ns;
}

/* How many can fail side by side; 0: as many as there are shards. */
static uint64_t members_of(const struct sn_supervisor *supervisor)
{
    uint64_t count = 0;

    for (size_t i = 0; i < supervisor->child_count; i++) {
        const struct sn_pool *pool = supervisor->children[i].pool;

        if (pool != NULL && pool->size_auto)
            return 0;
        count += pool == NULL ? 1 : pool->at_run_time ? 0 : pool->size;
    }
    return count;
}

/*
 * Members that all fail at once, each time, give up soonest. The first restart does not pause;
 * then all of them fail again after each pause. When the pauses are together longer than the
 * window, it is never exceeded. A large number in a short time is not judged: it is a way to say
 * unlimited.
 */
static void check_window(const struct sn_supervisor *supervisor, struct sn_diags *diags)
{
    enum { JUDGED_MAX = 100 };
    char pauses[SN_DURATION_TEXT_BYTES], window[SN_DURATION_TEXT_BYTES];
    uint64_t sum = 0, members = members_of(supervisor);

    if (supervisor->restarts_unlimited || supervisor->restarts > JUDGED_MAX ||
        supervisor->backoff_max_ns == 0 || supervisor->location.file == NULL || members == 0)
        return;
    for (uint64_t failed = members + 1; failed <= supervisor->restarts; failed += members)
        sum += shortest_pause(supervisor, (uint32_t)(failed - members));
    if (sum < supervisor->window_ns)
        return;
    sn_value_write_duration(sum, pauses);
    sn_value_write_duration(supervisor->window_ns, window);
    sn_diag_error(diags, SN_CODE_SUPERVISION, &supervisor->location,
                  "'%s' pauses %s and more during its restarts, so %u in %s is never exceeded and "
                  "it never gives up",
                  supervisor->name, pauses, (unsigned)supervisor->restarts, window);
    sn_diag_help(diags, "shorten `backoff`, lengthen the window, or say `restarts: unlimited`");
}

static void report_shutdown(const struct sn_supervisor *supervisor, const struct sn_child *child,
                            const char *name, uint64_t shutdown_ns, struct sn_diags *diags)
{
    char takes[SN_DURATION_TEXT_BYTES] = "for ever", waits[SN_DURATION_TEXT_BYTES];

    if (shutdown_ns != SN_NO_TIME_LIMIT)
        sn_value_write_duration(shutdown_ns, takes);
    sn_value_write_duration(supervisor->shutdown_ns, waits);
    sn_diag_warning(diags, SN_CODE_SUPERVISION, &supervisor->location,
                    "'%s' may take %s to end, but its child '%s' may take %s", supervisor->name,
                    waits, name, takes);
    sn_diag_note(diags, &child->location, "the child");
    sn_diag_help(diags, "give '%s' a longer `shutdown`, or the child a shorter one",
                 supervisor->name);
}

/* A child that takes its time cannot when its supervisor is killed before. */
static void check_shutdown(const struct sn_supervisor *supervisor, struct sn_diags *diags)
{
    for (size_t i = 0; i < supervisor->child_count; i++) {
        const struct sn_child *child = &supervisor->children[i];
        bool pool = child->pool != NULL;
        uint64_t time = pool ? child->pool->shutdown_ns : child->supervisor->shutdown_ns;

        /* Without a word about it a supervisor below waits for its own children only. */
        if (time > supervisor->shutdown_ns && (pool || time != SN_NO_TIME_LIMIT))
            report_shutdown(supervisor, child, pool ? child->pool->name : child->supervisor->name,
                            time, diags);
    }
}

static void check_root(const struct sn_supervisor *root, struct sn_diags *diags)
{
    if (root == NULL || root->restart == SN_RESTART_PERMANENT)
        return;
    sn_diag_error(diags, SN_CODE_SUPERVISION, &root->location,
                  "nobody restarts the root, so its `restart` has no meaning");
    sn_diag_help(diags, "leave it away");
}

void sn_check_supervision(const struct sn_model *model, struct sn_diags *diags)
{
    const struct sn_package *package = model->package;

    for (size_t i = 0; i < package->pool_count; i++)
        check_poison(package->pools[i], diags);
    for (size_t i = 0; i < package->supervisor_count; i++) {
        check_window(package->supervisors[i], diags);
        check_shutdown(package->supervisors[i], diags);
    }
    check_root(package->root, diags);
}
