/* SPDX-License-Identifier: MIT */
#ifndef SN_GUARD_GUARD_H
#define SN_GUARD_GUARD_H

/*
 * What stands between a caller and somebody who may be in trouble: pauses between tries, and a
 * circuit breaker. Pure: the time and random numbers are the caller's. See README.md.
 */

#include <sn/generated.h>

enum sn_breaker_state {
    SN_BREAKER_CLOSED = 0, /* calls pass; failures in a row are counted */
    SN_BREAKER_OPEN,       /* no call passes until `until_ns` */
    SN_BREAKER_HALF_OPEN,  /* one call is under way to see; no other passes */
};

/* All zero is a closed one. Belongs to the thread of its caller. */
struct sn_breaker {
    uint64_t until_ns;
    uint32_t failures; /* in a row */
    uint8_t state;     /* enum sn_breaker_state */
};

enum sn_admission {
    SN_ADMIT_PASS,
    SN_ADMIT_PROBE, /* it passes, and its outcome decides */
    SN_ADMIT_REFUSE,
};

/**
 * Whether a call may be made now.
 *
 * @type  of an edge; without a breaker every call passes.
 *
 * Returns  after SN_ADMIT_PROBE exactly one of sn_breaker_succeed(), _fail() and _withdraw() must
 *          follow with `probe`, at any time later.
 */
enum sn_admission sn_breaker_admit(struct sn_breaker *breaker, const struct sn_guard_type *type,
                                   uint64_t now_ns);

/** Whether an outcome speaks against the target; any other shows that it lives. */
bool sn_guard_is_failure(int outcome);

/** Whether a second try may end better: the target did not do it, or may have died over it. */
bool sn_guard_is_worth_another(int outcome);

/** A call that was admitted went well. */
void sn_breaker_succeed(struct sn_breaker *breaker, bool probe);

/** A call that was admitted failed. Returns whether this has opened the breaker. */
bool sn_breaker_fail(struct sn_breaker *breaker, const struct sn_guard_type *type, bool probe,
                     uint64_t now_ns);

/** A call that was admitted was not made after all: a probe leaves its turn to the next call. */
void sn_breaker_withdraw(struct sn_breaker *breaker, bool probe);

/**
 * The pause before another try.
 *
 * @tried   how often it has been tried, from 1.
 * @random  64 random bits.
 *
 * Returns  nanoseconds: between half of min << tried and all of it, never under min nor over max.
 */
uint64_t sn_guard_pause_ns(const struct sn_guard_type *type, uint32_t tried, uint64_t random);

#endif
