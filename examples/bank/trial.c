/* SPDX-License-Identifier: MIT */
/*
 * Up to 64 transfers are under way at a time, each with a future of its own. When all are
 * answered, some deposits may still be: those of transfers whose ledger was restarted meanwhile,
 * which were answered SN_FAILED. Only then the accounts are added up.
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

/* Wait for the deposits that nobody waits for any more. */
static int settle(struct bank *app, struct sn_stats *ret_stats)
{
    static const struct timespec pause = {.tv_nsec = 1000 * 1000};

    for (uint64_t waited_ns = 0; waited_ns < PATIENCE_NS; waited_ns += SN_MS) {
        int rc = sn_quiesce(app->sn, PATIENCE_NS);

        if (rc != 0)
            return rc;
        sn_stats(app->sn, ret_stats);
        if (ret_stats->asks_outstanding == 0)
            return 0;
        nanosleep(&pause, NULL); /* one waits for its deadline */
    }
    return SN_TIMEOUT;
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
        rc = settle(app, &ret_result->stats);
    if (rc == 0)
        rc = add_up(app, trial, &ret_result->sum);
    ret_result->restarts = ret_result->stats.restarts;
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
