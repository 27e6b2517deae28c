/* SPDX-License-Identifier: MIT */
/*
 * Guarded edges of threads outside: breakers, and calls that are tried again.
 *
 * A breaker belongs to a port and one item of main's `calls`; it is under the port's lock. What it
 * is told of a request is what the future was given back with: a future that is dropped tells
 * nothing. A retry is a call made again by the thread that waits for it, from the message that its
 * caller still holds; between two tries the thread sleeps, until the system stops at the latest.
 * For all that time it counts as one that is in a call, so a stop waits for it.
 */
#include "guard/guard.h"

#include "port/port.h"

#include <errno.h>

static const struct sn_guard_type *type_of(const struct sn_port *port, uint16_t guard)
{
    return &port->world->package->guards[guard - 1];
}

int sn_port_admit(struct sn_port *port, uint16_t guard, bool *ret_probe)
{
    uint64_t now_ns = sn_clock_now(port->world->clock);

    sn_port_lock(port);
    enum sn_admission admission =
        sn_breaker_admit(&port->breakers[guard - 1], type_of(port, guard), now_ns);
    if (admission == SN_ADMIT_REFUSE)
        sn_count(&port->counters.breaker_refusals, 1);
    sn_port_unlock(port);
    *ret_probe = admission == SN_ADMIT_PROBE;
    return admission == SN_ADMIT_REFUSE ? SN_OPEN : 0;
}

void sn_port_report(struct sn_port *port, uint16_t guard, bool probe, int outcome)
{
    struct sn_breaker *breaker = &port->breakers[guard - 1];
    const struct sn_guard_type *type = type_of(port, guard);

    if (outcome == -ENOMEM || outcome == SN_TOO_LARGE) {
        sn_breaker_withdraw(breaker, probe);
    } else if (!sn_guard_is_failure(outcome)) {
        sn_breaker_succeed(breaker, probe);
    } else if (sn_breaker_fail(breaker, type, probe, sn_clock_now(port->world->clock))) {
        sn_count(&port->counters.breakers_opened, 1);
        sn_world_log(port->world, SN_LOG_WARNING, "a thread outside leaves %s alone for %llu ms",
                     type->name, (unsigned long long)(type->open_ns / SN_MS));
    }
}

void sn_port_withdraw(struct sn_port *port, uint16_t guard, bool probe)
{
    sn_breaker_withdraw(&port->breakers[guard - 1], probe);
}

/* ---- tries ---------------------------------------------------------------------------------- */

void sn_tries_begin(struct sn_tries *tries, struct sn_port *port, const struct sn_edge *edge)
{
    sn_port_enter(port);
    *tries = (struct sn_tries){
        .port = port, .edge = edge, .until_ns = sn_port_deadline(port, edge->deadline_ns)};
}

uint64_t sn_tries_left_ns(const struct sn_tries *tries)
{
    uint64_t now_ns;

    if (tries->until_ns == UINT64_MAX)
        return SN_FOREVER;
    now_ns = sn_clock_now(tries->port->world->clock);
    return now_ns < tries->until_ns ? tries->until_ns - now_ns : 1;
}

/* Sleep, unless the system is stopping: then the next try is told so at once. */
static void sleep_until(const struct sn_port *port, uint64_t due_ns)
{
    struct sn_world *world = port->world;
    uint64_t now_ns;

    /* Relaxed: the wake-up follows on the store. */
    while (atomic_load_explicit(&world->stopping, memory_order_relaxed) == 0 &&
           (now_ns = sn_clock_now(world->clock)) < due_ns) {
        if (world->stepper == NULL)
            sn_futex_wait(&world->stopping, 0, due_ns - now_ns);
        else if (!world->stepper->step(world->stepper, due_ns))
            return;
    }
}

/* Wait for the next try, if there is one and it comes before the deadline. */
static bool await_next(const struct sn_tries *tries)
{
    struct sn_port *port = tries->port;
    const struct sn_guard_type *type = type_of(port, tries->edge->guard);
    uint64_t pause_ns = sn_guard_pause_ns(type, tries->tried, sn_router_random(&port->router));

    if (tries->tried > type->retries || pause_ns >= sn_tries_left_ns(tries))
        return false;
    sleep_until(port, sn_clock_now(port->world->clock) + pause_ns);
    return true;
}

bool sn_tries_again(struct sn_tries *tries, int *outcome)
{
    struct sn_port *port = tries->port;

    tries->tried++;
    /* A breaker that opens meanwhile costs a try, and is not what the target has said. */
    if (*outcome != SN_OPEN || tries->tried == 1)
        tries->outcome = *outcome;
    if (sn_guard_is_worth_another(tries->outcome) && await_next(tries)) {
        sn_port_lock(port);
        sn_count(&port->counters.retries, 1);
        sn_port_unlock(port);
        return true;
    }
    *outcome = tries->outcome;
    sn_port_leave(port);
    return false;
}
