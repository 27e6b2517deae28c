/* SPDX-License-Identifier: MIT */
/*
 * The circuit breaker (Nygard, Release It!, "Circuit Breaker") of one caller and one edge.
 *
 *     closed --- `failures` in a row ---> open --- `open_ns` later, at the next call ---> half open
 *       ^                                  ^                                               |  |
 *       |                                  +------------- the probe failed ----------------+  |
 *       +-------------------------------------------- the probe went well -------------------+
 *
 * In half open one call is the probe, and only its outcome counts: calls from before the breaker
 * opened may still end, well or badly, and say nothing about now. A probe that was never made
 * (the handler that wanted it failed, the caller was stopped) leaves the breaker open with its
 * time over, so that the next call is the probe; no probe can be lost.
 */
#include "guard/guard.h"

#include "base/base.h"

enum sn_admission sn_breaker_admit(struct sn_breaker *breaker, const struct sn_guard_type *type,
                                   uint64_t now_ns)
{
    if (type->failures == 0 || breaker->state == SN_BREAKER_CLOSED)
        return SN_ADMIT_PASS;
    if (breaker->state == SN_BREAKER_HALF_OPEN || now_ns < breaker->until_ns)
        return SN_ADMIT_REFUSE;
    breaker->state = SN_BREAKER_HALF_OPEN;
    return SN_ADMIT_PROBE;
}

bool sn_guard_is_failure(int outcome)
{
    switch (outcome) {
    case SN_FULL:
    case SN_GONE:
    case SN_TIMEOUT:
    case SN_FAILED:
    case SN_UNANSWERED:
    case SN_DROPPED:
    case SN_DOWN:
        return true;
    default:
        return false;
    }
}

bool sn_guard_is_worth_another(int outcome)
{
    return outcome == SN_FAILED || outcome == SN_DOWN || outcome == SN_DROPPED;
}

void sn_breaker_succeed(struct sn_breaker *breaker, bool probe)
{
    if (probe || breaker->state == SN_BREAKER_CLOSED)
        *breaker = (struct sn_breaker){0};
}

static void open_for(struct sn_breaker *breaker, uint64_t now_ns, uint64_t open_ns)
{
    breaker->state = SN_BREAKER_OPEN;
    breaker->until_ns = open_ns < UINT64_MAX - now_ns ? now_ns + open_ns : UINT64_MAX;
    breaker->failures = 0;
}

bool sn_breaker_fail(struct sn_breaker *breaker, const struct sn_guard_type *type, bool probe,
                     uint64_t now_ns)
{
    if (type->failures == 0 || (!probe && breaker->state != SN_BREAKER_CLOSED))
        return false;
    if (!probe && ++breaker->failures < type->failures)
        return false;
    open_for(breaker, now_ns, type->open_ns);
    return true;
}

void sn_breaker_withdraw(struct sn_breaker *breaker, bool probe)
{
    if (probe)
        breaker->state = SN_BREAKER_OPEN; /* `until_ns` is past */
}

uint64_t sn_guard_pause_ns(const struct sn_guard_type *type, uint32_t tried, uint64_t random)
{
    return sn_backoff_ns(type->backoff_min_ns, type->backoff_max_ns, tried, random);
}
