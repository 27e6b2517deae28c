/* SPDX-License-Identifier: MIT */
/*
 * The call stack of another thread.
 *
 * Only a thread itself can walk its stack safely, so it is asked to by a signal, SIGURG: its
 * default is to be ignored, so one that comes too late does no harm, and programs hardly use it.
 * The handler knows a question by its value, the address of the trace that the thread has entered;
 * any other SIGURG is passed on to the handler that was there before. The signal restarts system
 * calls that can be; sleep() and poll() end early with EINTR, as for any signal.
 *
 * Signal handlers belong to the process, so here is one of the few variables that do: how many
 * systems use the handler, and what was there before.
 */
#include "crash/trace.h"

#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum trace_state { TRACE_IDLE, TRACE_ASKED, TRACE_TAKEN };

enum { OWN_FRAMES = 2 }; /* this handler, and what the kernel returns to */

static struct {
    pthread_mutex_t lock;
    unsigned users;
    struct sigaction before;
} installed = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Read in a signal handler, so it must not be allocated on first use. */
static _Thread_local struct sn_trace *entered __attribute__((tls_model("initial-exec")));

static void take(struct sn_trace *trace)
{
    void *frames[SN_TRACE_FRAMES + OWN_FRAMES];
    int count = backtrace(frames, SN_TRACE_FRAMES + OWN_FRAMES);

    trace->count = count > OWN_FRAMES ? (uint32_t)(count - OWN_FRAMES) : 0;
    memcpy(trace->frames, frames + OWN_FRAMES, trace->count * sizeof *frames);
    /* Release, pairs with sn_trace_ask(): the frames are there. */
    atomic_store_explicit(&trace->state, TRACE_TAKEN, memory_order_release);
}

static void on_signal(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    struct sn_trace *trace = entered;

    if (trace != NULL && info->si_code == SI_QUEUE && info->si_value.sival_ptr == trace) {
        /* Acquire, pairs with sn_trace_ask(): who asks again has read the last answer. The question
         * may have been given up since. */
        if (atomic_load_explicit(&trace->state, memory_order_acquire) == TRACE_ASKED)
            take(trace);
    } else if (installed.before.sa_flags & SA_SIGINFO) {
        installed.before.sa_sigaction(number, info, context);
    } else if (installed.before.sa_handler != SIG_DFL && installed.before.sa_handler != SIG_IGN) {
        installed.before.sa_handler(number);
    }
    errno = saved;
}

int sn_trace_enable(void)
{
    struct sigaction action = {.sa_sigaction = on_signal,
                               .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
    void *frames[1];
    int rc = 0;

    backtrace(frames, 1); /* loads what it needs, which is not for a signal handler */
    sigemptyset(&action.sa_mask);
    pthread_mutex_lock(&installed.lock);
    if (installed.users == 0 && sigaction(SIGURG, &action, &installed.before) != 0)
        rc = -errno;
    if (rc == 0)
        installed.users++;
    pthread_mutex_unlock(&installed.lock);
    return rc;
}

void sn_trace_disable(void)
{
    struct sigaction now;

    pthread_mutex_lock(&installed.lock);
    /* Somebody who has installed his own since keeps it. */
    if (--installed.users == 0 && sigaction(SIGURG, NULL, &now) == 0 &&
        now.sa_sigaction == on_signal)
        sigaction(SIGURG, &installed.before, NULL);
    pthread_mutex_unlock(&installed.lock);
}

void sn_trace_enter(struct sn_trace *trace)
{
    sigset_t signals;

    entered = trace;
    sigemptyset(&signals);
    sigaddset(&signals, SIGURG);
    pthread_sigmask(trace != NULL ? SIG_UNBLOCK : SIG_BLOCK, &signals, NULL);
}

bool sn_trace_ask(pthread_t thread, struct sn_trace *trace, uint64_t timeout_ns)
{
    const struct timespec pause = {.tv_nsec = 100000};
    uint64_t until_ns = sn_clock_now(&sn_clock_system) + timeout_ns;
    uint32_t asked = TRACE_ASKED;

    /* Release, pairs with on_signal(). */
    atomic_store_explicit(&trace->state, TRACE_ASKED, memory_order_release);
    if (pthread_sigqueue(thread, SIGURG, (union sigval){.sival_ptr = trace}) != 0)
        return false;
    /* Acquire, pairs with take(). */
    while (atomic_load_explicit(&trace->state, memory_order_acquire) != TRACE_TAKEN &&
           sn_clock_now(&sn_clock_system) < until_ns)
        nanosleep(&pause, NULL);
    /* Who answers later than this finds no question. */
    return !atomic_compare_exchange_strong_explicit(&trace->state, &asked, TRACE_IDLE,
                                                    memory_order_acquire, memory_order_acquire);
}
