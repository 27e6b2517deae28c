/* SPDX-License-Identifier: MIT */
/*
 * Fills every mailbox of budget.yaml and opens every ask, in the order that costs most, under an
 * allocator that counts. usage: test_runtime_budget BOUND_BYTES
 *
 * BOUND_BYTES is what `sngen check --budget` says of a shard that holds all actors; the runtime
 * must stay below it, and above an eighth of it: a bound that is far too high helps nobody.
 */
#include "budget.h"
#include "budget_keeper.h"
#include "budget_sink.h"
#include "budget_source.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SINKS = 8, PLACES = SINKS * 2048, ASKS = 1024 };

#define PATIENCE_NS (60 * UINT64_C(1000000000))

struct meter {
    pthread_mutex_t lock;
    size_t used, most;
};

static void add(struct meter *meter, size_t more, size_t less)
{
    pthread_mutex_lock(&meter->lock);
    meter->used += more;
    meter->used -= less;
    if (meter->used > meter->most)
        meter->most = meter->used;
    pthread_mutex_unlock(&meter->lock);
}

static void *meter_alloc(void *context, size_t size)
{
    void *memory = aligned_alloc(64, (size + 63) / 64 * 64);

    if (memory != NULL)
        add(context, size, 0);
    return memory;
}

static void meter_free(void *context, void *memory, size_t size)
{
    add(context, 0, size);
    free(memory);
}

/* ---- the workers -------------------------------------------------------- */

/* The sinks live on this shard: until the handler has returned, none of them takes anything. */
int budget_source_on_flood(struct budget_source *self, budget_flood_reply_to to)
{
    struct budget_flood_reply reply = {0};

    for (uint32_t i = 0; i < SINKS; i++)
        while (budget_source_send_sinks_small_at(self, i, &(struct budget_small){i}) == 0)
            reply.sent++;
    return budget_source_reply_flood(self, to, &reply);
}

int budget_source_on_swamp(struct budget_source *self, budget_swamp_reply_to to)
{
    static const uint8_t data[400];
    struct budget_large message = {.data = {.data = data, .size = sizeof data}};
    struct budget_swamp_reply reply = {0};

    for (uint32_t i = 0; i < SINKS; i++)
        while (budget_source_send_sinks_large_at(self, i, &message) == 0)
            reply.sent++;
    return budget_source_reply_swamp(self, to, &reply);
}

int budget_source_on_wonder(struct budget_source *self, budget_wonder_reply_to to)
{
    struct budget_wonder_reply reply = {0};

    while (budget_source_ask_about(self, &(struct budget_query){reply.asked}) == 0)
        reply.asked++;
    return budget_source_reply_wonder(self, to, &reply);
}

int budget_source_on_answers(struct budget_source *self, budget_answers_reply_to to)
{
    return budget_source_reply_answers(self, to, &(struct budget_answers_reply){self->count});
}

int budget_source_on_about(struct budget_source *self, int outcome,
                           const struct budget_query_reply *reply)
{
    if (outcome == 0 && reply->text.size == 200)
        self->count++;
    return 0;
}

int budget_sink_on_small(struct budget_sink *self, const struct budget_small *message)
{
    (void)self, (void)message;
    return 0;
}

int budget_sink_on_large(struct budget_sink *self, const struct budget_large *message)
{
    (void)self, (void)message;
    return 0;
}

int budget_keeper_on_query(struct budget_keeper *self, const struct budget_query *message,
                           budget_query_reply_to to)
{
    struct budget_token held[64];
    size_t count = self->held.count;

    if (count > 0)
        memcpy(held, self->held.items, count * sizeof held[0]);
    held[count].to = to;
    (void)message;
    return budget_keeper_set_held(self,
                                  (struct budget_token_list){.items = held, .count = count + 1});
}

int budget_keeper_on_release(struct budget_keeper *self)
{
    char text[201];
    struct budget_query_reply reply = {.text = {.data = text, .size = 200}};

    memset(text, 'x', 200);
    text[200] = '\0';
    for (size_t i = 0; i < self->held.count; i++)
        if (budget_keeper_reply_query(self, self->held.items[i].to, &reply) != 0)
            return -1;
    return budget_keeper_set_name(self, sn_string("a name"));
}

/* ---- the test ----------------------------------------------------------- */

static int check(bool right, const char *what)
{
    if (!right)
        fprintf(stderr, "wrong: %s\n", what);
    return right ? 0 : 1;
}

static int use(struct budget *app)
{
    struct budget_wonder_reply wonder = {0};
    struct budget_answers_reply answers = {0};
    struct budget_flood_reply flood = {0};
    struct budget_swamp_reply swamp = {0};
    int wrong = check(budget_call_source_flood(app, &flood) == 0, "small messages are sent");

    wrong += check(flood.sent == PLACES, "as many as there are places");
    wrong += check(sn_quiesce(app->sn, PATIENCE_NS) == 0, "the small messages are handled");
    wrong += check(budget_call_source_swamp(app, &swamp) == 0, "large messages are sent");
    wrong += check(swamp.sent == PLACES, "as many large ones as there are places");
    wrong += check(budget_call_source_wonder(app, &wonder) == 0, "the source wonders");
    wrong += check(wonder.asked == ASKS, "as many asks as may be open");
    wrong += check(budget_send_keepers_release_all(app) == 0, "the keepers answer");
    while (wrong == 0 && answers.count < ASKS)
        wrong += check(budget_call_source_answers(app, &answers) == 0, "the answers come");
    return wrong;
}

int main(int argc, char **argv)
{
    struct meter meter = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct sn_allocator allocator = {meter_alloc, meter_free, &meter};
    struct budget_options options = {.system = {.shards = 1, .allocator = &allocator}};
    size_t bound = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    struct budget *app;
    int wrong;

    if (budget_start(&options, &app) != 0)
        return 1;
    wrong = use(app);
    wrong += check(budget_stop(app) == 0, "it stops");
    printf("%zu bytes at most, the bound is %zu\n", meter.most, bound);
    wrong += check(meter.most <= bound, "the runtime stays below the bound");
    wrong += check(meter.most >= bound / 8, "the bound is not far above the runtime");
    wrong += check(meter.used == 0, "everything is given back");
    return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
