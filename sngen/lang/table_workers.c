/* SPDX-License-Identifier: MIT */
/* The rows of workers: what they keep, handle, ask and call; see table.c. */
#include "lang/table_rows.h"

static const struct sn_choice each[] = {{"each", "every member of the pool", false}, END};
static const struct sn_choice kinds[] = {
    {"actor", "handlers return at once and never wait", false},
    {"blocking", "a thread of its own, handlers may wait", true},
    {"device", "work for an accelerator", true},
    END};
static const struct sn_choice hooks[] = {
    {"init", "called before the first message and after each restart", false},
    {"shutdown", "called once for each successful init", false},
    END};

static const struct sn_key breaker_keys[] = {
    {.word = SN_WORD_FAILURES,
     .name = "failures",
     .value = SN_VALUE_NUMBER,
     .doc = "So many failures in a row open it: calls then answer SN_OPEN and nothing is sent.",
     .fallback = "5",
     .min = 1,
     .max = 1000},
    {.word = SN_WORD_OPEN,
     .name = "open",
     .value = SN_VALUE_DURATION,
     .doc = "How long it stays open; the next call then is a probe, whose outcome decides.",
     .fallback = "5s",
     .min = 1,
     .max = NS_MAX},
    END};
const struct sn_shape sn_lang_breaker = {
    "a breaker",
    "breaker",
    "A circuit breaker: leaves a target alone that keeps failing. Each actor has its own, and each "
    "handle of threads outside one for each item of main's calls.",
    breaker_keys,
    false,
    NULL};

/* What is done about calls that fail: the same for an item of `calls` and a role of `asks`. */
#define GUARD_KEYS(retry_doc)                                                                   \
    {.word = SN_WORD_RETRY,                                                                     \
     .name = "retry",                                                                           \
     .value = SN_VALUE_NUMBER,                                                                  \
     .doc = retry_doc,                                                                          \
     .min = 1,                                                                                  \
     .max = 1000,                                                                               \
     .example = "3, backoff: 10ms..1s"},                                                        \
        {.word = SN_WORD_BACKOFF,                                                               \
         .name = "backoff",                                                                     \
         .value = SN_VALUE_SPAN,                                                                \
         .doc = "The pause before the first retry and the longest one; it doubles in between, " \
                "with jitter.",                                                                 \
         .fallback = "10ms..1s",                                                                \
         .max = NS_MAX},                                                                        \
    {                                                                                           \
        .word = SN_WORD_BREAKER, .name = "breaker", .value = SN_VALUE_SHAPE,                    \
        .doc = "A circuit breaker.", .shape = &sn_lang_breaker,                                 \
        .example = "{failures: 5, open: 5s}"                                                    \
    }

static const struct sn_key ask_keys[] = {
    {.word = SN_WORD_OF,
     .name = "of",
     .value = SN_VALUE_REFERENCE,
     .doc = "Whom and what to ask: pool.message.",
     .required = true,
     .example = "accounts.deposit"},
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it is for."},
    {.word = SN_WORD_DEADLINE,
     .name = "deadline",
     .value = SN_VALUE_DURATION,
     .doc = "How long to wait for the answer.",
     .fallback = "5s",
     .choices = sn_lang_none,
     .min = 1,
     .max = NS_MAX},
    GUARD_KEYS("How often to ask again when the target fails or dies, within the deadline; the "
               "message must be idempotent."),
    {.word = SN_WORD_SURVIVES,
     .name = "survives",
     .value = SN_VALUE_BOOL,
     .doc = "The answer reaches the worker even if it was restarted meanwhile.",
     .fallback = "false"},
    {.word = SN_WORD_CONTEXT,
     .name = "context",
     .value = SN_VALUE_FIELDS,
     .doc = "What to remember until the answer comes.",
     .shape = &sn_lang_field,
     .example = "{to: reply_to(transfer)}"},
    {.word = SN_WORD_TO,
     .name = "to",
     .value = SN_VALUE_CHOICE,
     .doc = "Ask every member of the pool.",
     .choices = each},
    END};
const struct sn_shape sn_lang_ask = {
    "an ask", "ask", "A request to another pool and the handling of its answer.",
    ask_keys, true,  NULL};

static const struct sn_key timer_keys[] = {
    {.word = SN_WORD_EVERY,
     .name = "every",
     .value = SN_VALUE_DURATION,
     .doc = "Fires at this interval, from init on.",
     .min = 1000,
     .max = NS_MAX,
     .example = "1s"},
    {.word = SN_WORD_AFTER,
     .name = "after",
     .value = SN_VALUE_DURATION,
     .doc = "Fires once, this long after it was started.",
     .min = 1000,
     .max = NS_MAX,
     .example = "10min"},
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it is for."},
    END};
const struct sn_shape sn_lang_timer = {
    "a timer",  "timer", "Something that happens with time: `every` or `after`.",
    timer_keys, false,   NULL};

static const struct sn_key call_keys[] = {
    {.word = SN_WORD_DEADLINE,
     .name = "deadline",
     .value = SN_VALUE_DURATION,
     .doc = "How long to wait for an answer.",
     .fallback = "5s",
     .choices = sn_lang_none,
     .min = 1,
     .max = NS_MAX},
    {.word = SN_WORD_BATCH,
     .name = "batch",
     .value = SN_VALUE_NUMBER,
     .doc = "Gather this many bytes for a member before sending (threads outside only).",
     .min = 64,
     .max = 1u << 26,
     .example = "4k"},
    {.word = SN_WORD_TO,
     .name = "to",
     .value = SN_VALUE_CHOICE,
     .doc = "Also generate the form that reaches every member.",
     .choices = each},
    GUARD_KEYS(
        "How often to try again when the mailbox is full; the messages wait with the sender, "
        "which handles no others meanwhile. Then they are dead letters. In `main` it is how often "
        "a "
        "call is made again whose target fails or dies, within the deadline of all of them; its "
        "request must be idempotent."),
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it is for."},
    END};
const struct sn_shape sn_lang_call = {"a call",  "call", "Options of one edge.",
                                      call_keys, false,  NULL};

static const struct sn_key worker_keys[] = {
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it does."},
    WAS("Its name before it was renamed; what it retains keeps its numbers in sngen.lock."),
    {.word = SN_WORD_KIND,
     .name = "kind",
     .value = SN_VALUE_CHOICE,
     .doc = "How its handlers run.",
     .fallback = "actor",
     .choices = kinds},
    LATER(SN_WORD_LINEAR, "linear", "Handlers may wait in a call."),
    {.word = SN_WORD_INCLUDE,
     .name = "include",
     .value = SN_VALUE_HEADER,
     .doc = "A header that declares the C types of the state.",
     .example = "my.h"},
    {.word = SN_WORD_ARGS,
     .name = "args",
     .value = SN_VALUE_FIELDS,
     .doc = "Given at the start, and again at a restart.",
     .shape = &sn_lang_field,
     .example = "{path: string(4k)}"},
    {.word = SN_WORD_STATE,
     .name = "state",
     .value = SN_VALUE_FIELDS,
     .doc = "What it owns; zeroed before every init.",
     .shape = &sn_lang_field,
     .example = "{hits: u64}"},
    {.word = SN_WORD_RETAIN,
     .name = "retain",
     .value = SN_VALUE_FIELDS,
     .doc = "Survives restarts; rolled back when a handler fails.",
     .shape = &sn_lang_field,
     .example = "{balance: i64}"},
    {.word = SN_WORD_HOOKS,
     .name = "hooks",
     .value = SN_VALUE_CHOICES,
     .doc = "Functions of yours around its life.",
     .fallback = "[]",
     .choices = hooks},
    {.word = SN_WORD_HANDLES,
     .name = "handles",
     .value = SN_VALUE_HANDLES,
     .doc = "The messages it takes; as a map they are declared in place.",
     .shape = &sn_lang_message,
     .example = "[put, net.stream]"},
    {.word = SN_WORD_CALLS,
     .name = "calls",
     .value = SN_VALUE_CALLS,
     .doc = "The pools, or pool.message, that it sends to.",
     .shape = &sn_lang_call,
     .example = "[disks, rooms.say]"},
    {.word = SN_WORD_ASKS,
     .name = "asks",
     .value = SN_VALUE_ENTRIES,
     .doc = "Requests whose answers it handles.",
     .shape = &sn_lang_ask,
     .example = "{credit: {of: accounts.deposit, deadline: 200ms}}"},
    {.word = SN_WORD_SPAWNS,
     .name = "spawns",
     .value = SN_VALUE_REFERENCES,
     .doc = "Pools with a size like 0..10k, whose members it makes and may stop.",
     .example = "[sessions]"},
    {.word = SN_WORD_WATCHES,
     .name = "watches",
     .value = SN_VALUE_REFERENCES,
     .doc = "Pools whose members it may watch: it is told, once for each watch, when they end.",
     .example = "[sessions]"},
    {.word = SN_WORD_LINKS,
     .name = "links",
     .value = SN_VALUE_REFERENCES,
     .doc = "Pools whose members it may link itself with: when one of the two fails, so does the "
            "other.",
     .example = "[sessions]"},
    {.word = SN_WORD_DEAD_LETTERS,
     .name = "dead_letters",
     .value = SN_VALUE_REFERENCES,
     .doc =
         "It is shown the messages that failed or that nobody will handle: those named here with "
         "their fields, the others as a summary. [] shows summaries only.",
     .example = "[put]"},
    LATER(SN_WORD_PUBLISHES, "publishes", "Topics it publishes to."),
    LATER(SN_WORD_SUBSCRIBES, "subscribes", "Topics it may subscribe to."),
    LATER(SN_WORD_SUBMITS, "submits", "Tasks it runs on all cores."),
    {.word = SN_WORD_TICK,
     .name = "tick",
     .value = SN_VALUE_DURATION,
     .doc = "The worker's tick is called at this interval.",
     .min = 1000,
     .max = NS_MAX,
     .example = "1s"},
    {.word = SN_WORD_TIMERS,
     .name = "timers",
     .value = SN_VALUE_ENTRIES,
     .doc = "Named timers.",
     .shape = &sn_lang_timer,
     .example = "{beat: {every: 1s}, idle: {after: 10min}}"},
    {.word = SN_WORD_SLOW_AFTER,
     .name = "slow_after",
     .value = SN_VALUE_DURATION,
     .doc = "Time each handler and report those that take longer.",
     .min = 1,
     .max = NS_MAX,
     .example = "200us"},
    {.word = SN_WORD_MEMORY,
     .name = "memory",
     .value = SN_VALUE_NUMBER,
     .doc = "The most bytes that one actor holds by sn_alloc(), kept values included.",
     .min = 64,
     .max = 1ull << 40,
     .example = "1M"},
    LATER(SN_WORD_SNAPSHOT, "snapshot", "Save the retained state from time to time."),
    LATER(SN_WORD_BATCH, "batch", "Gather messages for a device."),
    LATER(SN_WORD_KERNELS, "kernels", "Programs for a device."),
    {.word = SN_WORD_INVARIANT,
     .name = "invariant",
     .value = SN_VALUE_TEXTS,
     .doc = "What simulator, unit tests and fuzzers check after each handler: one condition, or a "
            "list of them.",
     .example = "[balance >= 0, size(seen) <= hits]"},
    END};
const struct sn_shape sn_lang_worker = {
    "a worker",  "worker", "A kind of actor: its state and what it handles.",
    worker_keys, false,    NULL};
