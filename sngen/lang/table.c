/* SPDX-License-Identifier: MIT */
/*
 * The rows; those of messages are in table_messages.c and those of workers in table_workers.c. To
 * add to the language, add a row here; then `ctest -R sngen` says which generated files
 * (schemas/sngen.schema.json) want to be refreshed, and the resolver in model/ gives the row its
 * meaning.
 */
#include "lang/table_rows.h"

#include <string.h>

const struct sn_choice sn_lang_none[] = {{"none", "no limit", false}, END};
static const struct sn_choice no_backoff[] = {{"none", "restart at once", false}, END};
static const struct sn_choice unlimited[] = {{"unlimited", "never give up", false}, END};
static const struct sn_choice stops[] = {
    {"brutal", "at once", false}, {"unlimited", "wait as long as it takes", false}, END};
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
     .doc = "How many members: a number, auto for one a shard, or 0..N: made at run time by who "
            "`spawns` them, at most N at a time (up to 4M), on the shard of who does.",
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
     .doc = "When a member is restarted; those made at run time are temporary.",
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
     .choices = sn_lang_none,
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
     .shape = &sn_lang_call,
     .example = "[accounts]"},
    {.word = SN_WORD_SPAWNS,
     .name = "spawns",
     .value = SN_VALUE_REFERENCES,
     .doc = "Pools with a size like 0..10k, whose members threads outside make and may stop.",
     .example = "[sessions]"},
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
    WAS("Its name before it was renamed; it keeps its numbers in sngen.lock."),
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
     .shape = &sn_lang_structure,
     .example = "{size: {width: u32, height: u32}, color: [red, green]}"},
    {.word = SN_WORD_MESSAGES,
     .name = "messages",
     .value = SN_VALUE_ENTRIES,
     .doc = "What workers send to each other.",
     .shape = &sn_lang_message,
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
     .shape = &sn_lang_worker,
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

static const struct sn_shape *const shapes[] = {&package,
                                                &sn_lang_message,
                                                &sn_lang_field,
                                                &sn_lang_structure,
                                                &sn_lang_enumeration,
                                                &sn_lang_enum_value,
                                                &sn_lang_typedef,
                                                &sn_lang_error,
                                                &sn_lang_worker,
                                                &sn_lang_ask,
                                                &sn_lang_breaker,
                                                &sn_lang_timer,
                                                &sn_lang_call,
                                                &pool,
                                                &route,
                                                &mailbox,
                                                &supervisor,
                                                &phase,
                                                &main_shape,
                                                &memory,
                                                NULL};

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
    return &sn_lang_enumeration;
}

const struct sn_shape *sn_lang_alias(void)
{
    return &sn_lang_typedef;
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
