/* SPDX-License-Identifier: MIT */
/*
 * The rows. To add to the language, add a row here; then `ctest -R sngen`
 * says which generated files (schemas/sngen.schema.json) want to be refreshed,
 * and the resolver in model/ gives the row its meaning.
 */
#include "lang/table.h"

#include <string.h>

#define END \
    {       \
        0   \
    }
#define LATER(word_, name_, doc_)                                          \
    {                                                                      \
        .word = word_, .name = name_, .value = SN_VALUE_LATER, .doc = doc_ \
    }

#define WAS(doc_)                                                               \
    {                                                                           \
        .word = SN_WORD_WAS, .name = "was", .value = SN_VALUE_NAME, .doc = doc_ \
    }

#define K 1024u
#define NS_MAX (10ull * 365 * 86400 * 1000000000ull) /* ten years */

static const struct sn_choice none[] = {{"none", "no limit", false}, END};
static const struct sn_choice no_backoff[] = {{"none", "restart at once", false}, END};
static const struct sn_choice unlimited[] = {{"unlimited", "never give up", false}, END};
static const struct sn_choice each[] = {{"each", "every member of the pool", false}, END};
static const struct sn_choice stops[] = {
    {"brutal", "at once", false}, {"unlimited", "wait as long as it takes", false}, END};
static const struct sn_choice lanes[] = {
    {"request", "in order, before telemetry", false},
    {"telemetry", "after requests; may be dropped under load by policy", false},
    END};
static const struct sn_choice kinds[] = {
    {"actor", "handlers return at once and never wait", false},
    {"blocking", "a thread of its own, handlers may wait", true},
    {"device", "work for an accelerator", true},
    END};
static const struct sn_choice hooks[] = {
    {"init", "called before the first message and after each restart", false},
    {"shutdown", "called once for each successful init", false},
    END};
static const struct sn_choice routes[] = {
    {"hash", "XXH3 of the key, modulo the size", false},
    {"consistent_hash", "XXH3 of the key on a ring of virtual nodes", false},
    {"round_robin", "one after the other", false},
    {"range", "the key's place among the splits", false},
    {"least_loaded", "the member with the fewest queued messages", false},
    {"custom", "a function that you write", false},
    END};
static const struct sn_choice restarts[] = {
    {"permanent", "always", false},
    {"transient", "unless it stopped by itself without a failure", false},
    {"temporary", "never", false},
    END};
static const struct sn_choice strategies[] = {
    {"one_for_one", "restart only the child that failed", false},
    {"one_for_all", "restart all children", false},
    {"rest_for_one", "restart it and the children after it", false},
    END};
static const struct sn_choice auto_shutdowns[] = {
    {"never", "it goes on without them", false},
    {"any", "when one significant child has ended by itself", false},
    {"all", "when the last significant child has ended by itself", false},
    END};
static const struct sn_choice policies[] = {
    {"reject", "the send says SN_FULL", false},
    {"drop_oldest", "the oldest message of that lane gives way", false},
    {"drop_newest", "this message is dropped", false},
    {"park(N)", "the sender keeps up to N messages and pauses", false},
    END};

static const struct sn_choice unknowns[] = {{"keep", "they are encoded again as they came", false},
                                            END};

static const struct sn_key field_keys[] = {
    {.word = SN_WORD_TYPE,
     .name = "type",
     .value = SN_VALUE_TYPE,
     .doc = "The type; `name: TYPE` is the short form.",
     .required = true},
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it holds."},
    {.word = SN_WORD_UNKNOWN,
     .name = "unknown",
     .value = SN_VALUE_CHOICE,
     .doc = "This bytes(N) is where decode puts the fields that this schema does not know.",
     .choices = unknowns,
     .example = "keep"},
    WAS("Its name before it was renamed; it keeps its number in sngen.lock."),
    END};
static const struct sn_shape field = {
    "a field",  "field", "One named value of a message, a struct, arguments or state.",
    field_keys, true,    NULL};

static const struct sn_key structure_keys[] = {
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it is."},
    WAS("Its name before it was renamed; its fields keep their numbers in sngen.lock."),
    END};
static const struct sn_shape structure = {
    "a struct",     "structure", "A map under `types`: every key but these two is a field.",
    structure_keys, false,       &field};

static const struct sn_key enum_value_keys[] = {
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it means."},
    WAS("Its name before it was renamed; it keeps its number in sngen.lock."),
    END};
static const struct sn_shape enum_value = {
    "a value",       "value", "One value of an enum: `NAME`, `NAME: TEXT` or `NAME: {...}`.",
    enum_value_keys, true,    NULL};

static const struct sn_key enum_keys[] = {
    {.word = SN_WORD_ENUM,
     .name = "enum",
     .value = SN_VALUE_NAMED,
     .doc = "Its values.",
     .shape = &enum_value,
     .required = true,
     .example = "[red, green]"},
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it is."},
    WAS("Its name before it was renamed; its values keep their numbers in sngen.lock."),
    END};
static const struct sn_shape enumeration = {
    "an enum", "enum", "An enum under `types` with more than its list of values.",
    enum_keys, false,  NULL};

static const struct sn_key error_keys[] = {
    WAS("Its name before it was renamed; it keeps its number in sngen.lock."), END};
static const struct sn_shape error = {
    "an error", "error", "One error of a request: `NAME` or `NAME: {was: NAME}`.",
    error_keys, false,   NULL};

static const struct sn_key message_keys[] = {
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it means."},
    {.word = SN_WORD_FIELDS,
     .name = "fields",
     .value = SN_VALUE_FIELDS,
     .doc = "What it carries.",
     .shape = &field,
     .fallback = "{}",
     .example = "{key: bytes(256), amount: i64}"},
    {.word = SN_WORD_REPLY,
     .name = "reply",
     .value = SN_VALUE_FIELDS,
     .doc = "What the answer carries; makes the message a request. {} is a bare acknowledgement.",
     .shape = &field,
     .example = "{seq: u64}"},
    {.word = SN_WORD_ERRORS,
     .name = "errors",
     .value = SN_VALUE_NAMED,
     .doc = "The errors that a request may be refused with.",
     .shape = &error,
     .example = "[busy]"},
    {.word = SN_WORD_LANE,
     .name = "lane",
     .value = SN_VALUE_CHOICE,
     .doc = "Which queue it travels in.",
     .fallback = "request",
     .choices = lanes},
    {.word = SN_WORD_LIMIT,
     .name = "limit",
     .value = SN_VALUE_NUMBER,
     .doc = "The most bytes that its fields, or those of its reply, may take together.",
     .min = 1,
     .max = 1u << 30,
     .example = "2M"},
    {.word = SN_WORD_IDEMPOTENT,
     .name = "idempotent",
     .value = SN_VALUE_BOOL,
     .doc = "Handling it twice is the same as once, so it may be retried.",
     .fallback = "false"},
    {.word = SN_WORD_WIRE,
     .name = "wire",
     .value = SN_VALUE_BOOL,
     .doc = "It and its reply travel to other machines: a codec is generated, and a .proto.",
     .fallback = "false"},
    WAS("Its name before it was renamed; it keeps its numbers in sngen.lock."),
    END};
static const struct sn_shape message = {
    "a message",  "message", "Something that one worker sends to another.",
    message_keys, false,     NULL};

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
static const struct sn_shape breaker = {
    "a breaker",
    "breaker",
    "A circuit breaker: leaves a target alone that keeps failing. Each actor has its own.",
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
     .example = "3"},                                                                           \
        {.word = SN_WORD_BACKOFF,                                                               \
         .name = "backoff",                                                                     \
         .value = SN_VALUE_SPAN,                                                                \
         .doc = "The pause before the first retry and the longest one; it doubles in between, " \
                "with jitter.",                                                                 \
         .fallback = "10ms..1s",                                                                \
         .max = NS_MAX},                                                                        \
    {                                                                                           \
        .word = SN_WORD_BREAKER, .name = "breaker", .value = SN_VALUE_SHAPE,                    \
        .doc = "A circuit breaker.", .shape = &breaker, .example = "{failures: 5, open: 5s}"    \
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
     .choices = none,
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
     .shape = &field,
     .example = "{to: reply_to(transfer)}"},
    {.word = SN_WORD_TO,
     .name = "to",
     .value = SN_VALUE_CHOICE,
     .doc = "Ask every member of the pool.",
     .choices = each},
    END};
static const struct sn_shape ask = {
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
static const struct sn_shape timer = {
    "a timer",  "timer", "Something that happens with time: `every` or `after`.",
    timer_keys, false,   NULL};

static const struct sn_key call_keys[] = {
    {.word = SN_WORD_DEADLINE,
     .name = "deadline",
     .value = SN_VALUE_DURATION,
     .doc = "How long to wait for an answer.",
     .fallback = "5s",
     .choices = none,
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
        "which handles no others meanwhile. Then they are dead letters."),
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it is for."},
    END};
static const struct sn_shape call = {"a call",  "call", "Options of one edge.",
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
     .shape = &field,
     .example = "{path: string(4k)}"},
    {.word = SN_WORD_STATE,
     .name = "state",
     .value = SN_VALUE_FIELDS,
     .doc = "What it owns; zeroed before every init.",
     .shape = &field,
     .example = "{hits: u64}"},
    {.word = SN_WORD_RETAIN,
     .name = "retain",
     .value = SN_VALUE_FIELDS,
     .doc = "Survives restarts; rolled back when a handler fails.",
     .shape = &field,
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
     .shape = &message,
     .example = "[put, net.stream]"},
    {.word = SN_WORD_CALLS,
     .name = "calls",
     .value = SN_VALUE_CALLS,
     .doc = "The pools, or pool.message, that it sends to.",
     .shape = &call,
     .example = "[disks, rooms.say]"},
    {.word = SN_WORD_ASKS,
     .name = "asks",
     .value = SN_VALUE_ENTRIES,
     .doc = "Requests whose answers it handles.",
     .shape = &ask,
     .example = "{credit: {of: accounts.deposit, deadline: 200ms}}"},
    LATER(SN_WORD_SPAWNS, "spawns", "Pools that it makes members of."),
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
     .shape = &timer,
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
static const struct sn_shape worker = {
    "a worker",  "worker", "A kind of actor: its state and what it handles.",
    worker_keys, false,    NULL};

static const struct sn_key route_keys[] = {
    {.word = SN_WORD_BY,
     .name = "by",
     .value = SN_VALUE_CHOICE,
     .doc = "How a member is chosen; `route: WORD` is the short form.",
     .choices = routes,
     .required = true,
     .example = "hash"},
    {.word = SN_WORD_KEY,
     .name = "key",
     .value = SN_VALUE_KEY,
     .doc = "The field that decides: one for all messages, or one a message.",
     .example = "{transfer: from, deposit: to}"},
    {.word = SN_WORD_VIRTUAL_NODES,
     .name = "virtual_nodes",
     .value = SN_VALUE_NUMBER,
     .doc = "Points a member on the ring of a consistent hash.",
     .fallback = "128",
     .min = 1,
     .max = 4096},
    {.word = SN_WORD_SPLITS,
     .name = "splits",
     .value = SN_VALUE_SPLITS,
     .doc = "Where the next member's range begins, ascending; the pool has one member more.",
     .example = "[1000, 2000]"},
    END};
static const struct sn_shape route = {
    "a route", "route", "How a pool finds the member for a message.", route_keys, true, NULL};

static const struct sn_key mailbox_keys[] = {
    {.word = SN_WORD_CAPACITY,
     .name = "capacity",
     .value = SN_VALUE_NUMBER,
     .doc = "The most messages that wait.",
     .fallback = "1k",
     .min = 1,
     .max = 1u << 24},
    {.word = SN_WORD_BYTES,
     .name = "bytes",
     .value = SN_VALUE_NUMBER,
     .doc = "The most bytes that they hold together.",
     .min = 64,
     .max = 1ull << 40,
     .example = "4M"},
    {.word = SN_WORD_FULL,
     .name = "full",
     .value = SN_VALUE_POLICY,
     .doc = "What happens to a message that does not fit: one for all, or one a message.",
     .fallback = "reject",
     .choices = policies,
     .example = "{seen: drop_oldest, put: park(8)}"},
    END};
static const struct sn_shape mailbox = {
    "a mailbox", "mailbox", "The queue before each member of a pool.", mailbox_keys, false, NULL};

static const struct sn_key pool_keys[] = {
    {.word = SN_WORD_WORKER,
     .name = "worker",
     .value = SN_VALUE_REFERENCE,
     .doc = "What its members are.",
     .required = true,
     .example = "store"},
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it is for."},
    WAS("Its name before it was renamed; its keys stay with the members that have them."),
    {.word = SN_WORD_SIZE,
     .name = "size",
     .value = SN_VALUE_SIZE,
     .doc = "How many members: a number, or auto for one a shard.",
     .fallback = "1",
     .min = 1,
     .max = 64u * K},
    LATER(SN_WORD_ONE_PER, "one_per", "A member for each value of a field, on first use."),
    LATER(SN_WORD_IDLE, "idle", "Members without work for this long end."),
    LATER(SN_WORD_SERVE, "serve", "A member for each connection."),
    LATER(SN_WORD_ISOLATION, "isolation", "Members in a process of their own."),
    {.word = SN_WORD_ROUTE,
     .name = "route",
     .value = SN_VALUE_SHAPE,
     .doc = "How a member is chosen.",
     .shape = &route,
     .fallback = "round_robin",
     .example = "{by: hash, key: word}"},
    {.word = SN_WORD_MAILBOX,
     .name = "mailbox",
     .value = SN_VALUE_SHAPE,
     .doc = "The queue before each member.",
     .shape = &mailbox,
     .example = "{capacity: 1k, full: park(8)}"},
    {.word = SN_WORD_RESTART,
     .name = "restart",
     .value = SN_VALUE_CHOICE,
     .doc = "When a member is restarted.",
     .fallback = "permanent",
     .choices = restarts},
    {.word = SN_WORD_SHUTDOWN,
     .name = "shutdown",
     .value = SN_VALUE_DURATION,
     .doc = "How long a member may take to end.",
     .fallback = "5s",
     .choices = stops,
     .min = 1,
     .max = NS_MAX},
    {.word = SN_WORD_POISON_AFTER,
     .name = "poison_after",
     .value = SN_VALUE_NUMBER,
     .doc = "A message that failed this often goes to the dead letters.",
     .min = 1,
     .max = 15},
    {.word = SN_WORD_SHARD,
     .name = "shard",
     .value = SN_VALUE_NUMBER,
     .doc = "Pin a pool of one to this shard, for tests and for latency.",
     .max = 1023},
    END};
static const struct sn_shape pool = {
    "a pool", "pool", "Members of one worker, with a name to send to.", pool_keys, false, NULL};

static const struct sn_key supervisor_keys[] = {
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "Why it is so."},
    {.word = SN_WORD_STRATEGY,
     .name = "strategy",
     .value = SN_VALUE_CHOICE,
     .doc = "What is restarted when a child fails.",
     .fallback = "one_for_one",
     .choices = strategies},
    {.word = SN_WORD_RESTARTS,
     .name = "restarts",
     .value = SN_VALUE_RATE,
     .doc = "More than this many restarts in this time: give up.",
     .fallback = "1 in 5s",
     .choices = unlimited,
     .example = "3 in 60s"},
    {.word = SN_WORD_BACKOFF,
     .name = "backoff",
     .value = SN_VALUE_SPAN,
     .doc = "The pause before the second restart in the window and the longest one.",
     .fallback = "10ms..5s",
     .choices = no_backoff,
     .max = NS_MAX},
    {.word = SN_WORD_CHILDREN,
     .name = "children",
     .value = SN_VALUE_NAMES,
     .doc = "Pools and supervisors, in the order of their start.",
     .required = true,
     .example = "[stores]"},
    {.word = SN_WORD_RESTART,
     .name = "restart",
     .value = SN_VALUE_CHOICE,
     .doc = "When its parent restarts it.",
     .fallback = "permanent",
     .choices = restarts},
    {.word = SN_WORD_SHUTDOWN,
     .name = "shutdown",
     .value = SN_VALUE_DURATION,
     .doc = "How long it may take to end.",
     .fallback = "unlimited",
     .choices = stops,
     .min = 1,
     .max = NS_MAX},
    {.word = SN_WORD_SIGNIFICANT,
     .name = "significant",
     .value = SN_VALUE_NAMES,
     .doc = "Children whose own end, without a restart, counts for auto_shutdown.",
     .example = "[session]"},
    {.word = SN_WORD_AUTO_SHUTDOWN,
     .name = "auto_shutdown",
     .value = SN_VALUE_CHOICE,
     .doc = "When the end of significant children stops the supervisor and its other children.",
     .fallback = "never",
     .choices = auto_shutdowns},
    END};
static const struct sn_shape supervisor = {
    "a supervisor",  "supervisor", "Restarts its children when they fail.",
    supervisor_keys, false,        NULL};

static const struct sn_key phase_keys[] = {
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it is for."},
    {.word = SN_WORD_AFTER,
     .name = "after",
     .value = SN_VALUE_NAMES,
     .doc = "Phases that must be over before it begins; without them it begins at once.",
     .example = "[quiet]"},
    {.word = SN_WORD_ASK,
     .name = "ask",
     .value = SN_VALUE_REFERENCES,
     .doc = "Requests without fields, as pool.message: each member of the pool is asked.",
     .required = true,
     .example = "[stores.flush]"},
    {.word = SN_WORD_DEADLINE,
     .name = "deadline",
     .value = SN_VALUE_DURATION,
     .doc = "How long the phase may take; then the next ones begin all the same.",
     .fallback = "5s",
     .choices = none,
     .min = 1,
     .max = NS_MAX},
    END};
static const struct sn_shape phase = {
    "a phase",  "phase", "A step of a graceful stop, before the supervisors stop their children.",
    phase_keys, false,   NULL};

static const struct sn_key main_keys[] = {
    {.word = SN_WORD_CALLS,
     .name = "calls",
     .value = SN_VALUE_CALLS,
     .doc = "The pools, or pool.message, that threads outside use.",
     .shape = &call,
     .example = "[accounts]"},
    END};
static const struct sn_shape main_shape = {"main",    "main", "The threads outside the runtime.",
                                           main_keys, false,  NULL};

static const struct sn_key memory_keys[] = {
    {.word = SN_WORD_BYTES,
     .name = "bytes",
     .value = SN_VALUE_NUMBER,
     .doc = "The most bytes of any shard; `memory: BYTES` is the short form.",
     .required = true,
     .min = 4096,
     .max = 1ull << 50,
     .example = "64M"},
    {.word = SN_WORD_SHARDS,
     .name = "shards",
     .value = SN_VALUE_NUMBER,
     .doc = "How many shards the program has; on one shard live all actors.",
     .fallback = "1",
     .min = 1,
     .max = 1024},
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "Why so much."},
    END};
static const struct sn_shape memory = {
    "a memory budget", "memory", "What the actors of a shard may take.", memory_keys, true, NULL};

static const struct sn_key package_keys[] = {
    {.word = SN_WORD_SNGEN,
     .name = "sngen",
     .value = SN_VALUE_NUMBER,
     .doc = "The version of the language: 1.",
     .min = 1,
     .max = 1,
     .required = true,
     .example = "1"},
    {.word = SN_WORD_PACKAGE,
     .name = "package",
     .value = SN_VALUE_NAME,
     .doc = "The prefix of everything in C.",
     .required = true,
     .example = "bank"},
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What the package is for."},
    {.word = SN_WORD_IMPORT,
     .name = "import",
     .value = SN_VALUE_IMPORTS,
     .doc = "Other packages, by the name used here.",
     .example = "{net: sn/net.yaml}"},
    {.word = SN_WORD_CONSTANTS,
     .name = "constants",
     .value = SN_VALUE_CONSTANTS,
     .doc = "Named numbers.",
     .example = "{max_name: 32}"},
    {.word = SN_WORD_ERRORS_FROM,
     .name = "errors_from",
     .value = SN_VALUE_NUMBER,
     .doc = "The number of the first error; packages used together must not overlap.",
     .fallback = "1000",
     .min = 1000,
     .max = 1000000000},
    {.word = SN_WORD_MEMORY,
     .name = "memory",
     .value = SN_VALUE_SHAPE,
     .doc = "The most memory that the actors of one shard and their mailboxes may take; `sngen "
            "check --budget` shows what they take at worst.",
     .shape = &memory,
     .example = "64M"},
    {.word = SN_WORD_TYPES,
     .name = "types",
     .value = SN_VALUE_TYPES,
     .doc = "A map is a struct, a list an enum, a text another name for a type.",
     .shape = &structure,
     .example = "{size: {width: u32, height: u32}, color: [red, green]}"},
    {.word = SN_WORD_MESSAGES,
     .name = "messages",
     .value = SN_VALUE_ENTRIES,
     .doc = "What workers send to each other.",
     .shape = &message,
     .example = "{put: {fields: {key: u64}}}"},
    {.word = SN_WORD_PROTOCOLS,
     .name = "protocols",
     .value = SN_VALUE_PROTOCOLS,
     .doc = "Names for sets of messages that are handled together.",
     .example = "{stream: [received, closed]}"},
    LATER(SN_WORD_TOPICS, "topics", "Messages for whoever subscribes."),
    LATER(SN_WORD_TASKS, "tasks", "Work that is spread over all cores."),
    {.word = SN_WORD_WORKERS,
     .name = "workers",
     .value = SN_VALUE_ENTRIES,
     .doc = "The kinds of actors.",
     .shape = &worker,
     .example = "{store: {handles: [put]}}"},
    {.word = SN_WORD_POOLS,
     .name = "pools",
     .value = SN_VALUE_ENTRIES,
     .doc = "The actors; a worker without a pool is a pool of one under its own name.",
     .shape = &pool,
     .example = "{stores: {worker: store, size: 4}}"},
    {.word = SN_WORD_SUPERVISORS,
     .name = "supervisors",
     .value = SN_VALUE_ENTRIES,
     .doc = "Who restarts whom; without it a one_for_one root holds all pools in order.",
     .shape = &supervisor,
     .example = "{root: {children: [stores], restarts: 3 in 60s}}"},
    {.word = SN_WORD_SHUTDOWN,
     .name = "shutdown",
     .value = SN_VALUE_ENTRIES,
     .doc = "The phases of a graceful stop: those that wait for no other run at the same time.",
     .shape = &phase,
     .example = "{flush: {ask: [stores.flush], deadline: 2s}}"},
    {.word = SN_WORD_MAIN,
     .name = "main",
     .value = SN_VALUE_SHAPE,
     .doc = "What threads outside the runtime may do.",
     .shape = &main_shape,
     .example = "{calls: [accounts]}"},
    END};
static const struct sn_shape package = {"a package",  "package", "One schema file.",
                                        package_keys, false,     NULL};

static const struct sn_shape *const shapes[] = {
    &package, &message,    &field,   &structure,  &enumeration, &enum_value, &error,
    &worker,  &ask,        &breaker, &timer,      &call,        &pool,       &route,
    &mailbox, &supervisor, &phase,   &main_shape, &memory,      NULL};

const struct sn_shape *sn_lang_package(void)
{
    return &package;
}

const struct sn_shape *const *sn_lang_shapes(void)
{
    return shapes;
}

const struct sn_shape *sn_lang_enum(void)
{
    return &enumeration;
}

const struct sn_key *sn_lang_key(const struct sn_shape *shape, const char *name)
{
    for (const struct sn_key *key = shape->keys; key->name != NULL; key++)
        if (strcmp(key->name, name) == 0)
            return key;
    return NULL;
}

const struct sn_choice *sn_lang_policies(void)
{
    return policies;
}
