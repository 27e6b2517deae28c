/* SPDX-License-Identifier: MIT */
/*
 * Four programs of the Savina suite. Its own versions rely on mailboxes without a bound; here
 * the producer of `counting` asks for the count once a window, and the teller of `bank
 * transaction` keeps a number of transactions open, so that no mailbox overflows.
 */
#include "savina.h"
#include "system.h"

enum { WARM_UP_PART = 10, WINDOW = 512, OPEN_TRANSACTIONS = 256 };

static uint64_t now_ns(void)
{
    return bench_now_ns();
}

/* ---- counting: increments to one counter, which says how many there were --------------------- */

static int send_window(struct savina_producer *self)
{
    uint64_t count = self->left < WINDOW ? self->left : WINDOW;
    int rc = 0;

    for (uint64_t i = 0; rc == 0 && i < count; i++)
        rc = savina_producer_send_counter_increment(self);
    self->left -= count;
    self->expected += count;
    return rc != 0 ? rc : savina_producer_ask_retrieve(self);
}

int savina_producer_on_measure(struct savina_producer *self, const struct savina_measure *message,
                               savina_measure_reply_to to)
{
    self->left = message->operations;
    self->start_ns = now_ns();
    int rc = savina_producer_set_to(self, to);
    return rc != 0 ? rc : send_window(self);
}

int savina_producer_on_retrieve(struct savina_producer *self, int outcome,
                                const struct savina_retrieve_reply *reply)
{
    if (outcome == 0 && reply->count != self->expected)
        outcome = SN_INVALID;
    if (outcome != 0)
        return savina_producer_refuse_measure(self, self->to, outcome);
    if (self->left > 0)
        return send_window(self);
    return savina_producer_reply_measure(self, self->to,
                                         &(struct savina_measure_reply){now_ns() - self->start_ns});
}

int savina_counter_on_increment(struct savina_counter *self)
{
    self->count++;
    return 0;
}

int savina_counter_on_retrieve(struct savina_counter *self, savina_retrieve_reply_to to)
{
    return savina_counter_reply_retrieve(self, to, &(struct savina_retrieve_reply){self->count});
}

/* ---- big: each actor has one ping under way to a random other one ---------------------------- */

int savina_judge_on_measure(struct savina_judge *self, const struct savina_measure *message,
                            savina_measure_reply_to to)
{
    struct savina_begin begin = {message->operations / SAVINA_PAIR_COUNT};
    int rc = savina_judge_set_to(self, to);

    self->waiting = SAVINA_PAIR_COUNT;
    self->start_ns = now_ns();
    return rc != 0 ? rc : savina_judge_send_bigs_begin_all(self, &begin);
}

static int ping_somebody(struct savina_big *self)
{
    uint32_t me = sn_self_index(self->sn);
    uint32_t other = (uint32_t)(sn_random(self->sn) % (SAVINA_PAIR_COUNT - 1));

    return savina_big_send_bigs_ping_at(self, other + (other >= me), &(struct savina_ping){me});
}

int savina_big_on_begin(struct savina_big *self, const struct savina_begin *message)
{
    self->left = message->pings;
    return ping_somebody(self);
}

int savina_big_on_ping(struct savina_big *self, const struct savina_ping *message)
{
    return savina_big_send_bigs_pong_at(self, message->from);
}

int savina_big_on_pong(struct savina_big *self)
{
    return --self->left > 0 ? ping_somebody(self) : savina_big_send_judge_finished(self);
}

int savina_judge_on_finished(struct savina_judge *self)
{
    if (--self->waiting > 0)
        return 0;
    return savina_judge_reply_measure(self, self->to,
                                      &(struct savina_measure_reply){now_ns() - self->start_ns});
}

/* ---- cigarette smokers: an arbiter lets a random smoker start, which says when it did -------- */

static int let_smoke(struct savina_arbiter *self)
{
    uint64_t random = sn_random(self->sn);

    return savina_arbiter_send_smokers_smoke_at(self, (uint32_t)(random % SAVINA_SMOKER_COUNT),
                                                &(struct savina_smoke){random >> 63});
}

int savina_arbiter_on_measure(struct savina_arbiter *self, const struct savina_measure *message,
                              savina_measure_reply_to to)
{
    self->left = message->operations;
    self->start_ns = now_ns();
    int rc = savina_arbiter_set_to(self, to);
    return rc != 0 ? rc : let_smoke(self);
}

int savina_smoker_on_smoke(struct savina_smoker *self, const struct savina_smoke *message)
{
    self->sum += message->puffs;
    return savina_smoker_send_arbiter_started(self);
}

int savina_arbiter_on_started(struct savina_arbiter *self)
{
    if (--self->left > 0)
        return let_smoke(self);
    return savina_arbiter_reply_measure(self, self->to,
                                        &(struct savina_measure_reply){now_ns() - self->start_ns});
}

/* ---- bank transaction: a credit at one account makes a debit at another ---------------------- */

static int begin_transactions(struct savina_teller *self)
{
    int rc = 0;

    while (rc == 0 && self->left > 0 && self->open < OPEN_TRANSACTIONS) {
        uint64_t random = sn_random(self->sn);
        uint32_t from = (uint32_t)(random % SAVINA_ACCOUNT_COUNT);
        uint32_t step = (uint32_t)((random >> 32) % (SAVINA_ACCOUNT_COUNT - 1));
        struct savina_credit credit = {from, (from + 1 + step) % SAVINA_ACCOUNT_COUNT, 1};

        rc = savina_teller_ask_credit_at(self, from, &credit);
        self->open++;
        self->left--;
    }
    return rc;
}

int savina_teller_on_measure(struct savina_teller *self, const struct savina_measure *message,
                             savina_measure_reply_to to)
{
    self->left = message->operations;
    self->open = 0;
    self->start_ns = now_ns();
    int rc = savina_teller_set_to(self, to);
    return rc != 0 ? rc : begin_transactions(self);
}

int savina_account_on_credit(struct savina_account *self, const struct savina_credit *message,
                             savina_credit_reply_to to)
{
    struct savina_debit debit = {message->to, message->amount};

    self->balance -= message->amount;
    return savina_account_ask_transfer_at(self, message->to, &debit,
                                          &(struct savina_account_transfer){.to = to});
}

int savina_account_on_debit(struct savina_account *self, const struct savina_debit *message,
                            savina_debit_reply_to to)
{
    self->balance += message->amount;
    return savina_account_reply_debit(self, to);
}

int savina_account_on_transfer(struct savina_account *self,
                               const struct savina_account_transfer *context, int outcome)
{
    if (outcome != 0)
        return savina_account_refuse_credit(self, context->to, outcome);
    return savina_account_reply_credit(self, context->to,
                                       &(struct savina_credit_reply){self->balance});
}

int savina_teller_on_credit(struct savina_teller *self, int outcome,
                            const struct savina_credit_reply *reply)
{
    (void)reply;
    if (outcome != 0)
        return savina_teller_refuse_measure(self, self->to, outcome);
    self->open--;
    if (self->left > 0)
        return begin_transactions(self);
    if (self->open > 0)
        return 0;
    return savina_teller_reply_measure(self, self->to,
                                       &(struct savina_measure_reply){now_ns() - self->start_ns});
}

/* ---- rows ------------------------------------------------------------------------------------ */

typedef int savina_call(struct savina *app, const struct savina_measure *message,
                        struct savina_measure_reply *ret_reply);

static int measure(struct savina *app, savina_call *call, uint64_t operations,
                   struct bench_sample *ret_sample)
{
    struct savina_measure warm_up = {operations / WARM_UP_PART + WINDOW};
    struct savina_measure_reply reply = {0};
    int rc = call(app, &warm_up, &reply);

    if (rc == 0)
        rc = call(app, &(struct savina_measure){operations}, &reply);
    ret_sample->value = (double)reply.elapsed_ns / (double)operations;
    return rc;
}

static int run(const struct bench_context *context, struct bench_sample *ret_sample,
               savina_call *call)
{
    unsigned shards = (unsigned)bench_parameter(context, "shards");
    uint64_t operations = bench_operations(context) / SAVINA_PAIR_COUNT * SAVINA_PAIR_COUNT;
    struct savina_options options = {0};
    struct savina *app = NULL;
    int rc = bench_system_prepare(context, shards, &options.system);

    if (rc == BENCH_SKIPPED)
        return rc;
    if (rc == 0)
        rc = savina_start(&options, &app);
    if (rc == 0)
        rc = bench_system_aside(context, shards);
    if (rc == 0)
        rc = measure(app, call, operations, ret_sample);
    int left = savina_stop(app);
    return bench_system_result(context, rc != 0 ? rc : left);
}

static int counting(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return run(context, ret_sample, savina_call_producer_measure);
}

static int big(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return run(context, ret_sample, savina_call_judge_measure);
}

static int smokers(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return run(context, ret_sample, savina_call_arbiter_measure);
}

static int bank(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return run(context, ret_sample, savina_call_teller_measure);
}

#define SAVINA(operations_, shards_, actors_)                                        \
    {                                                                                \
        {"operations", (operations_)}, {"shards", (shards_)}, {"actors", (actors_)}, \
    }

static const struct bench_row rows[] = {
    {"savina/counting/same-shard", "ns", counting, SAVINA(8000000, 1, 2)},
    {"savina/counting/cross-shard", "ns", counting, SAVINA(4000000, 2, 2)},
    {"savina/big/same-shard", "ns", big, SAVINA(2000000, 1, SAVINA_PAIR_COUNT)},
    {"savina/big/cross-shard", "ns", big, SAVINA(400000, 2, SAVINA_PAIR_COUNT)},
    {"savina/cigarette-smokers/same-shard", "ns", smokers, SAVINA(2000000, 1, SAVINA_SMOKER_COUNT)},
    {"savina/cigarette-smokers/cross-shard", "ns", smokers, SAVINA(200000, 2, SAVINA_SMOKER_COUNT)},
    {"savina/bank-transaction/same-shard", "ns", bank, SAVINA(1000000, 1, SAVINA_ACCOUNT_COUNT)},
    {"savina/bank-transaction/cross-shard", "ns", bank, SAVINA(400000, 2, SAVINA_ACCOUNT_COUNT)},
};

const struct bench_table bench_savina = BENCH_TABLE(rows);
