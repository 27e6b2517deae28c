/* SPDX-License-Identifier: MIT */
/*
 * Up to 64 transfers are under way at a time, each with a future of its own. When all of them are
 * answered, some deposits may not be: a ledger that is restarted answers SN_FAILED for all that it
 * has under way, but its asks survive. Their end is waited for before the accounts are added up.
 */
#include "trial.h"

#include <time.h>

enum { UNDER_WAY = 64, AMOUNT_MAX = 100, OPENING = 100 };

#define PATIENCE_NS (30 * SN_SECOND)

static void collect(struct bank_transfer_future *future, struct trial_result *result)
{
    struct bank_transfer_reply reply;

    if (future->sn == NULL)
        return;
    switch (bank_transfer_future_wait(future, PATIENCE_NS, &reply)) {
    case 0:
        result->done++;
        break;
    case BANK_NO_FUNDS:
        result->no_funds++;
        break;
    case SN_FAILED:
        result->failed++;
        break;
    default:
        result->unexpected++;
        bank_transfer_future_drop(future);
        break;
    }
}

static int transfer_all(struct bank *app, const struct trial *trial, struct trial_result *result)
{
    struct bank_transfer_future futures[UNDER_WAY] = {{NULL}};
    uint64_t random = trial->seed;
    int rc = 0;

    for (uint64_t i = 0; rc == 0 && i < trial->transfers; i++) {
        struct bank_transfer_future *future = &futures[i % UNDER_WAY];
        struct bank_transfer transfer = {
            .account = sn_random_next(&random) % trial->accounts,
            .to = sn_random_next(&random) % trial->accounts,
            .amount = (int64_t)(1 + sn_random_next(&random) % AMOUNT_MAX),
            .number = i + 1,
        };

        collect(future, result);
        rc = bank_ask_accounts_transfer(app, &transfer, future);
    }
    for (int i = 0; i < UNDER_WAY; i++)
        collect(&futures[i], result);
    return rc;
}

static int count_under_way(struct bank *app, uint32_t *ret_count)
{
    struct bank_settled_reply reply;
    int rc = 0;

    *ret_count = 0;
    for (uint32_t i = 0; rc == 0 && i < BANK_LEDGERS; i++) {
        rc = bank_call_accounts_settled_at(app, i, &reply);
        if (rc == 0)
            *ret_count += reply.under_way;
    }
    return rc;
}

/* Wait for the deposits of transfers that nobody waits for any more. */
static int settle(struct bank *app)
{
    static const struct timespec pause = {.tv_nsec = 1000 * 1000};
    uint32_t under_way;
    int rc = count_under_way(app, &under_way);

    for (uint64_t ns = 0; rc == 0 && under_way > 0 && ns < PATIENCE_NS; ns += SN_MS) {
        nanosleep(&pause, NULL);
        rc = count_under_way(app, &under_way);
    }
    return rc == 0 && under_way > 0 ? SN_TIMEOUT : rc;
}

static int add_up(struct bank *app, const struct trial *trial, int64_t *ret_sum)
{
    int rc = 0;

    *ret_sum = 0;
    for (uint64_t i = 0; rc == 0 && i < trial->accounts; i++) {
        struct bank_balance_reply reply = {0};

        rc = bank_call_accounts_balance(app, &(struct bank_balance){.account = i}, &reply);
        *ret_sum += reply.amount;
    }
    return rc;
}

int trial_run(const struct trial *trial, struct trial_result *ret_result)
{
    struct bank_options options = {
        .system = {.shards = trial->shards, .seed = trial->seed},
        .args.accounts = {.opening = OPENING, .fail_per_mille = trial->fail_per_mille},
    };
    struct bank *app;
    int rc = bank_start(&options, &app), left;

    *ret_result = (struct trial_result){0};
    if (rc == 0)
        rc = transfer_all(app, trial, ret_result);
    if (rc == 0)
        rc = settle(app);
    if (rc == 0)
        rc = add_up(app, trial, &ret_result->sum);
    if (rc == 0)
        rc = sn_quiesce(app->sn, PATIENCE_NS);
    if (rc == 0)
        sn_stats(app->sn, &ret_result->stats);
    left = bank_stop(app);
    return rc != 0 ? rc : left;
}

const char *trial_judge(const struct trial *trial, const struct trial_result *result)
{
    const struct sn_stats *stats = &result->stats;
    uint64_t answered = result->done + result->no_funds + result->failed;
    uint64_t ended = stats->handled + stats->failed + stats->dropped + stats->expired +
                     stats->dead_lettered + stats->queued;

    if (result->sum != (int64_t)trial->accounts * OPENING)
        return "money was made or lost";
    if (answered != trial->transfers || result->unexpected > 0)
        return "a transfer was not answered";
    if (stats->asks_started != stats->asks_completed)
        return "an ask was not completed exactly once";
    if (stats->accepted != ended)
        return "a message was accepted and did not end";
    return NULL;
}
