/* SPDX-License-Identifier: MIT */
/*
 * Handlers of the workloads in which one message is under way: ping-pong, questions and the ring.
 * Time is taken by the actors, at the first message and after the last one.
 */
#include "bench.h"
#include "load.h"

/* ---- ping-pong: 40 bytes there, 40 bytes back ------------------------------------------------ */

int load_pinger_on_measure(struct load_pinger *self, const struct load_measure *message,
                           load_measure_reply_to to)
{
    self->left = message->operations;
    self->start_ns = bench_now_ns();
    int rc = load_pinger_set_to(self, to);
    return rc != 0 ? rc : load_pinger_send_ponger_ping(self, &(struct load_ping){{1, 2, 3, 4, 5}});
}

int load_ponger_on_ping(struct load_ponger *self, const struct load_ping *message)
{
    struct load_pong pong;

    memcpy(pong.words, message->words, sizeof pong.words);
    return load_ponger_send_pinger_pong(self, &pong);
}

int load_pinger_on_pong(struct load_pinger *self, const struct load_pong *message)
{
    struct load_ping ping;

    if (--self->left == 0)
        return load_pinger_reply_measure(
            self, self->to, &(struct load_measure_reply){bench_now_ns() - self->start_ns});
    memcpy(ping.words, message->words, sizeof ping.words);
    return load_pinger_send_ponger_ping(self, &ping);
}

/* ---- ask and reply: one question open at a time ---------------------------------------------- */

static int ask(struct load_asker *self, const uint64_t *words)
{
    struct load_question question;

    memcpy(question.words, words, sizeof question.words);
    return self->timed ? load_asker_ask_timed(self, &question)
                       : load_asker_ask_plain(self, &question);
}

/* A window says that each question is to have a deadline. */
int load_asker_on_measure(struct load_asker *self, const struct load_measure *message,
                          load_measure_reply_to to)
{
    self->left = message->operations;
    self->timed = message->window != 0;
    self->start_ns = bench_now_ns();
    int rc = load_asker_set_to(self, to);
    return rc != 0 ? rc : ask(self, (const uint64_t[]){1, 2, 3, 4, 5});
}

int load_answerer_on_question(struct load_answerer *self, const struct load_question *message,
                              load_question_reply_to to)
{
    struct load_question_reply reply;

    memcpy(reply.words, message->words, sizeof reply.words);
    return load_answerer_reply_question(self, to, &reply);
}

static int answered(struct load_asker *self, int outcome, const struct load_question_reply *reply)
{
    if (outcome != 0)
        return load_asker_refuse_measure(self, self->to, outcome);
    if (--self->left == 0)
        return load_asker_reply_measure(
            self, self->to, &(struct load_measure_reply){bench_now_ns() - self->start_ns});
    return ask(self, reply->words);
}

int load_asker_on_plain(struct load_asker *self, int outcome,
                        const struct load_question_reply *reply)
{
    return answered(self, outcome, reply);
}

int load_asker_on_timed(struct load_asker *self, int outcome,
                        const struct load_question_reply *reply)
{
    return answered(self, outcome, reply);
}

/* ---- the ring: a token that counts down ------------------------------------------------------ */

int load_ring_end_on_measure(struct load_ring_end *self, const struct load_measure *message,
                             load_measure_reply_to to)
{
    struct load_token token = {.left = message->operations, .start_ns = bench_now_ns()};
    int rc = load_ring_end_set_to(self, to);

    return rc != 0 ? rc : load_ring_end_send_ring_token_at(self, 0, &token);
}

int load_link_on_token(struct load_link *self, const struct load_token *message)
{
    uint32_t next = sn_self_index(self->sn) + 1;

    if (message->left == 0)
        return load_link_send_ring_end_passed(self, &(struct load_passed){message->start_ns});
    return load_link_send_ring_token_at(self, next == LOAD_RING_SIZE ? 0 : next,
                                        &(struct load_token){message->left - 1, message->start_ns});
}

int load_ring_end_on_passed(struct load_ring_end *self, const struct load_passed *message)
{
    return load_ring_end_reply_measure(
        self, self->to, &(struct load_measure_reply){bench_now_ns() - message->start_ns});
}
