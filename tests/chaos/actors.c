/* SPDX-License-Identifier: MIT */
/*
 * The actors of chaos.yaml. Sources send as fast as mailboxes take it and ask one question with
 * each burst; victims fail when they are told to.
 */
#include "actors.h"
#include "chaos.h"
#include "chaos_source.h"
#include "chaos_victim.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum { BURST = 64, OPEN_MAX = 1024 };

struct notes notes;

/* What only the actor with this number touches. */
static struct {
    uint64_t failed_ns; /* 0: it did not fail */
    uint64_t handled;   /* when it failed */
} victims[CHAOS_VICTIMS];

/* Numbers of the questions that have no answer yet, by their last bits. */
static uint64_t open_questions[SOURCES_MAX][OPEN_MAX];

uint64_t clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SN_SECOND + (uint64_t)now.tv_nsec;
}

/* ---- source --------------------------------------------------------------------------------- */

static int ask(struct chaos_source *self)
{
    uint64_t number = ++self->next;
    uint64_t *open = &open_questions[sn_self_index(self->sn)][number % OPEN_MAX];

    if (*open != 0)
        return 0; /* it is about the oldest one's turn to be answered */
    int rc = chaos_source_ask_check(self, &(struct chaos_question){number},
                                    &(struct chaos_source_check){number});
    if (rc == SN_FULL)
        return 0;
    *open = number;
    self->asks++;
    return rc;
}

int chaos_source_on_go(struct chaos_source *self)
{
    if (atomic_load_explicit(&notes.ending, memory_order_relaxed))
        return 0;
    for (int i = 0; i < BURST; i++) {
        int rc =
            chaos_source_send_victims_item(self, &(struct chaos_item){.key = sn_random(self->sn)});

        if (rc != 0 && rc != SN_FULL)
            return rc;
    }
    int rc = ask(self);
    return rc != 0 ? rc : chaos_source_send_sources_go_at(self, sn_self_index(self->sn));
}

int chaos_source_on_check(struct chaos_source *self, const struct chaos_source_check *context,
                          int outcome, const struct chaos_question_reply *reply)
{
    uint64_t *open = &open_questions[sn_self_index(self->sn)][context->number % OPEN_MAX];

    if (*open != context->number || (outcome == 0 && reply->number != context->number))
        abort(); /* answered twice, or for another question */
    *open = 0;
    if (outcome == 0)
        self->answers++;
    else if (outcome == SN_FAILED)
        self->failures++;
    else
        self->others++;
    return 0;
}

int chaos_source_on_count(struct chaos_source *self, chaos_count_reply_to to)
{
    struct chaos_count_reply reply = {self->asks, self->answers, self->failures, self->others};

    return chaos_source_reply_count(self, to, &reply);
}

/* ---- victim --------------------------------------------------------------------------------- */

int chaos_victim_init(struct chaos_victim *self, bool restored)
{
    uint32_t index = sn_self_index(self->sn);
    uint64_t failed_ns = victims[index].failed_ns;

    if (!restored || failed_ns == 0)
        return 0;
    uint32_t restart = atomic_fetch_add(&notes.restarts, 1);
    if (restart < RESTARTS_MAX)
        notes.restart_ns[restart] = clock_ns() - failed_ns;
    if (self->handled != victims[index].handled)
        atomic_fetch_add(&notes.lost, 1);
    victims[index].failed_ns = 0;
    return 0;
}

/* With an effect that must not happen. */
static int fail(struct chaos_victim *self)
{
    uint32_t index = sn_self_index(self->sn);

    victims[index].handled = self->handled;
    self->handled = 0;
    victims[index].failed_ns = clock_ns();
    return -EIO;
}

int chaos_victim_on_item(struct chaos_victim *self, const struct chaos_item *message)
{
    (void)message;
    self->handled++;
    return 0;
}

int chaos_victim_on_question(struct chaos_victim *self, const struct chaos_question *message,
                             chaos_question_reply_to to)
{
    int rc = chaos_victim_reply_question(self, to, &(struct chaos_question_reply){message->number});

    return rc == 0 && self->sour ? fail(self) : rc;
}

int chaos_victim_on_fail(struct chaos_victim *self, const struct chaos_fail *message)
{
    (void)message;
    return fail(self);
}

int chaos_victim_on_sour(struct chaos_victim *self, const struct chaos_sour *message)
{
    (void)message;
    self->sour = true;
    return 0;
}

int chaos_victim_on_beat(struct chaos_victim *self)
{
    (void)self;
    atomic_fetch_add_explicit(&notes.beats, 1, memory_order_relaxed);
    return 0;
}
