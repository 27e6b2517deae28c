/* SPDX-License-Identifier: MIT */
/* The table of codes. The names are stable; the texts may improve. */
#include "base/codes.h"

#include <string.h>

static const struct sn_code_info codes[SN_CODE_COUNT] = {
    [SN_CODE_YAML_SYNTAX] =
        {.name = "yaml-syntax",
         .explanation = "The file is not valid YAML. The place is where the reader had to stop; "
                        "the mistake is often just before it: a missing colon, comma, bracket "
                        "or quote, or a line that is indented differently from its neighbours.",
         .wrong = "workers:\n"
                  "  counter\n"
                  "    tick: 1s",
         .right = "workers:\n"
                  "  counter:\n"
                  "    tick: 1s"},
    [SN_CODE_YAML_ENCODING] =
        {.name = "yaml-encoding",
         .explanation = "A schema is text in UTF-8. NUL, control characters, invisible line "
                        "breaks and characters that change the direction of text are refused, "
                        "because an editor would show something else than sngen reads."},
    [SN_CODE_YAML_TAB] = {.name = "yaml-tab",
                          .explanation = "YAML does not allow tabs for indentation.",
                          .wrong = "workers:\n"
                                   "\tcounter: {}",
                          .right = "workers:\n"
                                   "  counter: {}"},
    [SN_CODE_YAML_ANCHOR] =
        {.name = "yaml-anchor",
         .explanation = "Anchors (&name), aliases (*name) and merge keys (<<) are left out of "
                        "the schema language: what is written in one place is then all there is "
                        "to read. Name a repeated number under `constants:` and a repeated type "
                        "under `types:`. A text that begins with * or & needs quotes.",
         .wrong = "serve: *:7000",
         .right = "serve: \"*:7000\""},
    [SN_CODE_YAML_TAG] =
        {.name = "yaml-tag",
         .explanation = "YAML tags (!name) and directives (%YAML) have no meaning here. A text "
                        "that begins with ! needs quotes.",
         .wrong = "doc: !important",
         .right = "doc: \"!important\""},
    [SN_CODE_YAML_DEPTH] = {.name = "yaml-depth",
                            .explanation =
                                "Lists and maps may be nested 32 levels deep; a schema needs about "
                                "eight."},
    [SN_CODE_YAML_DOCUMENTS] =
        {.name = "yaml-documents",
         .explanation = "A schema file is one YAML document. What follows a line `---` would be "
                        "a second one."},
    [SN_CODE_YAML_EMPTY] =
        {.name = "yaml-empty",
         .explanation = "The file has no content, or only comments. A schema begins with the "
                        "version of the language and the name of the package.",
         .right = "sngen: 1\n"
                  "package: bank"},
    [SN_CODE_YAML_QUOTE] =
        {.name = "yaml-quote",
         .explanation = "YAML gives a meaning to some characters in a text without quotes: \": "
                        "\" begins a value, \" #\" a comment, and * & ! % @ ` cannot come "
                        "first. Put such a text in quotes.",
         .wrong = "doc: first: second",
         .right = "doc: \"first: second\""},
    [SN_CODE_FILE_SIZE] = {.name = "file-size",
                           .explanation =
                               "A schema file may have 1 MiB. Larger ones are refused, so that no "
                               "input can make sngen slow."},
    [SN_CODE_DUPLICATE_KEY] =
        {.name = "duplicate-key",
         .explanation = "A key stands twice in one map. YAML readers disagree about which one "
                        "counts, so neither does.",
         .wrong = "workers: {a: {}}\n"
                  "workers: {b: {}}",
         .right = "workers: {a: {}, b: {}}"},
    [SN_CODE_UNKNOWN_KEY] =
        {.name = "unknown-key",
         .explanation = "The language has no such key at this place. The hint names the nearest "
                        "one, or where the key belongs. sn.yaml(5) lists all.",
         .wrong = "workers: {w: {handels: [put]}}",
         .right = "workers: {w: {handles: [put]}}"},
    [SN_CODE_MISSING_KEY] = {.name = "missing-key",
                             .explanation = "A key that is required here was not given.",
                             .wrong = "pools: {p: {size: 4}}",
                             .right = "pools: {p: {worker: w, size: 4}}"},
    [SN_CODE_WRONG_SHAPE] =
        {.name = "wrong-shape",
         .explanation = "A list stands where a map is expected, or text where a list is, and so "
                        "on.",
         .wrong = "workers: {w: {hooks: init}}",
         .right = "workers: {w: {hooks: [init]}}"},
    [SN_CODE_BAD_VALUE] = {.name = "bad-value",
                           .explanation = "The value is not one of those that the key takes.",
                           .wrong = "messages: {seen: {lane: fast}}",
                           .right = "messages: {seen: {lane: telemetry}}"},
    [SN_CODE_NOT_AVAILABLE] =
        {.name = "not-available",
         .explanation = "The key, word or type belongs to the language but not to this version "
                        "of sngen. It is refused rather than ignored, so that a schema never "
                        "promises what is not there."},
    [SN_CODE_VERSION] = {.name = "version",
                         .explanation =
                             "`sngen:` gives the version of the language that the file is written "
                             "in. This sngen knows version 1.",
                         .right = "sngen: 1"},
    [SN_CODE_BAD_NUMBER] =
        {.name = "bad-number",
         .explanation = "Numbers are whole and not negative: 12, or 4k, 1M, 2G for powers of "
                        "1024, or the name of a constant.",
         .wrong = "mailbox: {capacity: 1kb}",
         .right = "mailbox: {capacity: 1k}"},
    [SN_CODE_BAD_DURATION] =
        {.name = "bad-duration",
         .explanation = "A duration is a whole number with its unit: ns, us, ms, s, min, h or "
                        "d. A span is two of them: 10ms..5s, the shorter one first.",
         .wrong = "tick: 100",
         .right = "tick: 100ms"},
    [SN_CODE_OUT_OF_RANGE] = {.name = "out-of-range",
                              .explanation =
                                  "The number is right, but too small or too large for this key."},
    [SN_CODE_BAD_NAME] =
        {.name = "bad-name",
         .explanation = "A name is made of lower-case words of letters and digits, joined by "
                        "single underscores, with at most 48 characters. It becomes a part of "
                        "names in C, some of them in capital letters, so capitals cannot tell "
                        "names apart.",
         .wrong = "messages: {putAll: {}}",
         .right = "messages: {put_all: {}}"},
    [SN_CODE_RESERVED_NAME] =
        {.name = "reserved-name",
         .explanation = "The name, as it would appear in C, is a keyword of C or C++, a macro "
                        "of the standard headers, or belongs to the runtime. Names that get a "
                        "prefix in C, as those of messages and workers do, may be keywords.",
         .wrong = "messages: {put: {fields: {default: u8}}}",
         .right = "messages: {put: {fields: {fallback: u8}}}"},
    [SN_CODE_BROKEN_TYPE] =
        {.name = "broken-type",
         .explanation = "Inside { } and [ ] a comma ends a value, so YAML read a type with a "
                        "comma in it as two entries. No type needs a comma.",
         .wrong = "state: {a: list(u32, 8)}",
         .right = "state: {a: list(8) of u32}"},
    [SN_CODE_BAD_TYPE] =
        {.name = "bad-type",
         .explanation = "The type is not written as the language wants it. The place is inside "
                        "the type, where it stops making sense.",
         .wrong = "fields: {name: string}",
         .right = "fields: {name: string(32)}"},
    [SN_CODE_DOC_CUT] =
        {.name = "doc-cut",
         .explanation = "YAML ends a text without quotes at \" #\". If the rest belongs to the "
                        "text, quote it; if it is a comment, a line of its own says so.",
         .wrong = "doc: Sorted by C# name # really",
         .right = "doc: \"Sorted by C# name # really\""},
    [SN_CODE_BAD_TEXT] =
        {.name = "bad-text",
         .explanation = "Text for people may not contain control characters, nor be longer than "
                        "8 KiB: it ends up in comments of the generated code."},
    [SN_CODE_UNKNOWN_TYPE] =
        {.name = "unknown-type",
         .explanation = "No type, message or reply of this name is declared. Numbers are i8 to "
                        "i64, u8 to u64, f32 and f64, not the names of C.",
         .wrong = "fields: {amount: int}",
         .right = "fields: {amount: i32}"},
    [SN_CODE_UNKNOWN_MESSAGE] =
        {.name = "unknown-message",
         .explanation = "No message of this name is declared, neither under `messages:` nor "
                        "inside the `handles` of a worker. A message of an imported package is "
                        "written package.message."},
    [SN_CODE_UNKNOWN_WORKER] = {.name = "unknown-worker",
                                .explanation =
                                    "No worker of this name is declared under `workers:`."},
    [SN_CODE_UNKNOWN_POOL] =
        {.name = "unknown-pool",
         .explanation = "No pool of this name exists. Calls and asks name pools, not workers; a "
                        "worker that no pool names is a pool of one under its own name.",
         .wrong = "workers: {store: {handles: [put]}}\n"
                  "pools: {stores: {worker: store}}\n"
                  "main: {calls: [store]}",
         .right = "workers: {store: {handles: [put]}}\n"
                  "pools: {stores: {worker: store}}\n"
                  "main: {calls: [stores]}"},
    [SN_CODE_UNKNOWN_PACKAGE] = {.name = "unknown-package",
                                 .explanation =
                                     "The name before the dot is no import of this file.",
                                 .wrong = "workers: {w: {handles: [net.stream]}}",
                                 .right = "import: {net: sn/net.yaml}\n"
                                          "workers: {w: {handles: [net.stream]}}"},
    [SN_CODE_UNKNOWN_CONSTANT] = {.name = "unknown-constant",
                                  .explanation =
                                      "No constant of this name is declared under `constants:`."},
    [SN_CODE_UNKNOWN_FIELD] =
        {.name = "unknown-field",
         .explanation = "The message has no field of this name, or no message of the pool has."},
    [SN_CODE_UNKNOWN_CHILD] =
        {.name = "unknown-child",
         .explanation = "The children of a supervisor are pools and other supervisors. A worker "
                        "without a pool is a pool under its own name."},
    [SN_CODE_DUPLICATE] =
        {.name = "duplicate",
         .explanation = "Something is declared or listed twice, or two things that share their "
                        "names have the same one."},
    [SN_CODE_TYPE_NOT_HERE] =
        {.name = "type-not-here",
         .explanation = "The type is right, but cannot stand at this place: C types only in "
                        "`state`, which nobody copies; lists, arrays and optional values not as "
                        "elements of a list.",
         .wrong = "messages: {put: {fields: {db: c(sqlite3 *)}}}",
         .right = "workers: {w: {state: {db: c(sqlite3 *)}}}"},
    [SN_CODE_RECURSIVE_TYPE] =
        {.name = "recursive-type",
         .explanation = "A type contains itself, directly or through others, so its size would "
                        "have no end; or types contain each other more than 64 levels deep.",
         .wrong = "types: {tree: {left: list(2) of tree}}"},
    [SN_CODE_IMPORT] =
        {.name = "import",
         .explanation = "The imported file cannot be found or read, or imports this file again. "
                        "Paths are relative to the importing file; sn/NAME.yaml are the schemas "
                        "that come with sngen."},
    [SN_CODE_NOT_HANDLED] =
        {.name = "not-handled",
         .explanation = "The worker behind the pool does not handle this message, so nobody "
                        "could take it.",
         .wrong = "workers: {w: {handles: [put]}}\n"
                  "main: {calls: [w.get]}",
         .right = "workers: {w: {handles: [put, get]}}\n"
                  "main: {calls: [w.get]}"},
    [SN_CODE_NOT_A_REQUEST] =
        {.name = "not-a-request",
         .explanation = "Only a message with a `reply:` can be asked, answered or refused. "
                        "`reply: {}` is a bare acknowledgement.",
         .wrong = "messages: {put: {errors: [busy]}}",
         .right = "messages: {put: {reply: {}, errors: [busy]}}"},
    [SN_CODE_IS_A_REQUEST] =
        {.name = "is-a-request",
         .explanation = "The message has an answer, and here nobody could receive it. The "
                        "handlers of an actor never wait: they ask, and the answer comes to "
                        "on_<role>. A request cannot travel as telemetry, which may be dropped.",
         .wrong = "workers: {b: {calls: [a.get]}}",
         .right = "workers: {b: {asks: {get: a.get}}}"},
    [SN_CODE_KEY_MISSING] =
        {.name = "key-missing",
         .explanation = "The pool chooses a member by a key, and none is given or the message "
                        "does not carry it. Name the field, or reach every member with `to: "
                        "each`.",
         .wrong = "pools: {p: {worker: w, size: 4, route: hash}}",
         .right = "pools: {p: {worker: w, size: 4, route: {by: hash, key: id}}}"},
    [SN_CODE_KEY_TYPE] =
        {.name = "key-type",
         .explanation = "A key is an integer, bool, enum, time, string or bytes, always "
                        "present, and of the same type in all messages of the pool: equal keys "
                        "must reach the same member.",
         .wrong = "route: {by: hash, key: {put: id_as_text, get: id_as_number}}"},
    [SN_CODE_KEY_UNUSED] = {.name = "key-unused",
                            .explanation =
                                "The route does not look at keys, so giving one would mislead.",
                            .wrong = "route: {by: round_robin, key: id}",
                            .right = "route: {by: hash, key: id}"},
    [SN_CODE_ROUTE] = {.name = "route",
                       .explanation =
                           "An option has a meaning only for another route: `splits` for range, "
                           "`virtual_nodes` for consistent_hash."},
    [SN_CODE_SPLITS] = {.name = "splits",
                        .explanation =
                            "A range pool has one member more than splits; these are values of the "
                            "key, in ascending order, each the first key of the next member.",
                        .wrong = "route: {by: range, key: id, splits: [2000, 1000]}",
                        .right = "route: {by: range, key: id, splits: [1000, 2000]}"},
    [SN_CODE_MAILBOX] =
        {.name = "mailbox",
         .explanation = "The numbers or policies of a mailbox contradict the messages that it "
                        "is for: a message larger than the whole mailbox, or parking where only "
                        "threads outside send, which never park.",
         .wrong = "mailbox: {bytes: 64k}   # for a message with bytes(1M)",
         .right = "mailbox: {bytes: 4M}"},
    [SN_CODE_MEMORY] =
        {.name = "memory",
         .explanation = "A shard may take more than the declared `memory`: the records of its "
                        "actors, mailboxes that are all full of their largest messages, open asks "
                        "with their answers. `sngen check --budget` shows what takes how much. "
                        "Smaller messages, a smaller `capacity` or `bytes` of the largest mailbox, "
                        "or more shards lower it.",
         .wrong = "memory: 64k",
         .right = "memory: {bytes: 64M, shards: 4}"},
    [SN_CODE_LIMIT] = {.name = "limit",
                       .explanation =
                           "The message needs more bytes than its own limit, or a retained member "
                           "more than can be rolled back."},
    [SN_CODE_UNBOUNDED] = {.name = "unbounded",
                           .explanation =
                               "Every message has a largest size, so that memory can be planned. A "
                               "field that says `unbounded` needs a `limit:` on its message.",
                           .wrong = "put: {fields: {data: bytes(unbounded)}}",
                           .right = "put: {fields: {data: bytes(unbounded)}, limit: 1M}"},
    [SN_CODE_SUPERVISION] =
        {.name = "supervision",
         .explanation = "The tree of supervisors is not a tree with every pool in it, or what "
                        "it says can never happen. The top supervisor is called root; each pool "
                        "and each other supervisor is the child of exactly one.",
         .wrong = "supervisors: {top: {children: [a]}}",
         .right = "supervisors: {root: {children: [a]}}"},
    [SN_CODE_SHUTDOWN] =
        {.name = "shutdown",
         .explanation = "The phases of a graceful stop cannot run as they are written. Each asks "
                        "requests without fields, and begins when those that it comes after are "
                        "over, so at least one must come after no other.",
         .wrong = "shutdown: {quiet: {after: [quiet], ask: [front.close]}}",
         .right = "shutdown: {quiet: {ask: [front.close]}}"},
    [SN_CODE_RETRY] = {.name = "retry",
                       .explanation =
                           "A request is asked again when its target failed or died over it, when "
                           "part of it may already have been done outside the runtime. So the "
                           "message must be idempotent, and it must not hand on a reply address. "
                           "A one-way message is tried again only where a full mailbox rejects "
                           "it, and a pause must end before the deadline.",
                       .wrong = "asks: {keep: {of: a.put, retry: 3}}",
                       .right = "messages: {put: {reply: {}, idempotent: true}}"},
    [SN_CODE_DEADLINE] =
        {.name = "deadline",
         .explanation = "An ask whose context holds a reply_to answers somebody who waits. It "
                        "may take longer than that caller waits; then the "
                        "answer comes when nobody listens any more.",
         .wrong = "asks: {credit: {of: b.put, deadline: 10s, context: {to: "
                  "reply_to(transfer)}}}\n"
                  "# but main waits 5s for transfer",
         .right = "asks: {credit: {of: b.put, deadline: 2s, context: {to: "
                  "reply_to(transfer)}}}"},
    [SN_CODE_PARK_CYCLE] =
        {.name = "park-cycle",
         .explanation = "A worker that sends to a full mailbox with the policy park pauses "
                        "until there is room. If the receiver can pause for the sender in the "
                        "same way, perhaps through others, both may wait for ever. The message "
                        "prints the cycle; one of its mailboxes has to reject or drop.",
         .wrong = "workers:\n"
                  "  a: {handles: [ping], calls: [b]}\n"
                  "  b: {handles: [pong], calls: [a]}\n"
                  "pools:\n"
                  "  a: {worker: a, mailbox: {full: park(8)}}\n"
                  "  b: {worker: b, mailbox: {full: park(8)}}",
         .right = "pools:\n"
                  "  a: {worker: a, mailbox: {full: park(8)}}\n"
                  "  b: {worker: b, mailbox: {full: reject}}"},
    [SN_CODE_WAIT_CYCLE] =
        {.name = "wait-cycle",
         .explanation = "An ask whose context holds a reply_to answers that request when its own "
                        "answer has come. If that answer comes after another one to the same "
                        "request, perhaps through others, each request makes one more, until a "
                        "deadline or a full mailbox ends it. The message prints the cycle; one "
                        "of the workers has to answer before it asks, or not to ask.",
         .wrong = "workers:\n"
                  "  a: {handles: [get], asks: {b: {of: b.look, context: {to: reply_to(get)}}}}\n"
                  "  b: {handles: [look], asks: {a: {of: a.get, context: {to: reply_to(look)}}}}",
         .right = "workers:\n"
                  "  a: {handles: [get], asks: {b: {of: b.look, context: {to: reply_to(get)}}}}\n"
                  "  b: {handles: [look]}"},
    [SN_CODE_INVARIANT] =
        {.name = "invariant",
         .explanation = "An invariant is a condition about the members of state and retain: "
                        "comparisons of numbers, bools and enums, joined by && || ! and "
                        "parentheses, with + - *, size(LIST) and has(OPTIONAL). It is calculated "
                        "in 64 bits, so u64 does not mix with what may be negative. The simulator, "
                        "unit tests and fuzzers check it after each handler that succeeded; a "
                        "running system never does.",
         .wrong = "invariant: balance",
         .right = "invariant: balance >= 0"},
    [SN_CODE_COLLISION] = {.name = "collision",
                           .explanation =
                               "Two declarations would get the same name in C. The two places are "
                               "named; rename one of them.",
                           .wrong = "types: {put: {a: u8}}\n"
                                    "messages: {put: {fields: {b: u8}}}",
                           .right = "types: {entry: {a: u8}}\n"
                                    "messages: {put: {fields: {b: u8}}}"},
    [SN_CODE_UNUSED] = {.name = "unused",
                        .explanation =
                            "The message is handled by no worker, or nothing can ever wake the "
                            "worker. It is legal, and probably left over or forgotten."},
    [SN_CODE_UNREACHABLE] =
        {.name = "unreachable",
         .explanation = "Workers handle the message, but no `calls` or `asks` names it: no "
                        "function to send it is generated, so nobody can.",
         .wrong = "workers: {w: {handles: [put]}}",
         .right = "workers: {w: {handles: [put]}}\n"
                  "main: {calls: [w]}"},
    [SN_CODE_ORDER] = {.name = "order",
                       .explanation =
                           "Messages keep their order only inside a lane. A question travels in "
                           "the request lane and may overtake telemetry that was sent before it. "
                           "Reported with --lint."},
    [SN_CODE_ZERO_VALUE] =
        {.name = "zero-value",
         .explanation = "A struct in C begins as zeros. A sender that forgets a field sends "
                        "zero: the first value of an enum, or a reference to nobody. A first "
                        "value like `none`, or an optional field, makes that visible. Reported "
                        "with --lint.",
         .wrong = "types: {color: [red, green]}",
         .right = "types: {color: [none, red, green]}"},
    [SN_CODE_SHARD] = {.name = "shard",
                       .explanation =
                           "`shard` pins one actor; a pool with several members has no single "
                           "place."},
    [SN_CODE_ERRORS_OVERLAP] =
        {.name = "errors-overlap",
         .explanation = "An outcome is one number, so packages that are used together must "
                        "number their errors apart. `errors_from` moves those of a package.",
         .right = "package: audit\n"
                  "errors_from: 1100"},
    [SN_CODE_WIRE] = {.name = "wire",
                      .explanation =
                          "A message with `wire: true` is written as bytes that another machine, "
                          "program or version reads. So all that it holds must mean something "
                          "there: references to actors and reply addresses do not. Every text and "
                          "list needs a maximum, because memory is set aside before foreign bytes "
                          "are looked at, and the whole has to stay below the 2 GiB of protobuf.\n"
                          "`unknown: keep` marks the one bytes(N) of a struct in which decode "
                          "keeps fields that only a newer version of the schema knows.",
                      .wrong = "messages:\n"
                               "  put: {fields: {owner: ref(w), key: u64}, wire: true}",
                      .right = "messages:\n"
                               "  put: {fields: {owner_id: u64, key: u64}, wire: true}"},
    [SN_CODE_LOCK] =
        {.name = "lock",
         .explanation =
             "sngen.lock holds the numbers that other programs and saved state rely on: of "
             "messages, fields, enum values and errors, one a line; `retired` numbers are never "
             "given again. `sngen lock FILE` keeps it, beside the schema; it belongs under "
             "version control.\n"
             "\n"
             "After a merge keep the lines of both sides. Two branches may have taken the same "
             "number: then remove the line that no program uses yet and run `sngen lock` again.",
         .wrong = "fields:\n"
                  "  transfer.amount: 3\n"
                  "  transfer.note: 3",
         .right = "fields:\n"
                  "  transfer.amount: 3\n"
                  "  transfer.note: 4"},
    [SN_CODE_LOCK_STALE] =
        {.name = "lock-stale",
         .explanation =
             "The schema has changed and sngen.lock has not. What the lock holds keeps its "
             "number; what is new has a number that may still change. `sngen lock FILE` brings "
             "it up to date.\n"
             "\n"
             "What was only renamed must say so first with `was:`, else its number is retired "
             "and it gets a new one, which other programs do not know."},
    [SN_CODE_WAS] =
        {.name = "was",
         .explanation =
             "`was:` gives the name that something had before it was renamed, so that it keeps "
             "its number in sngen.lock. That name must be free: nothing else is called so now, "
             "and nothing else was. Once `sngen lock` has run, `was:` only serves `sngen diff` "
             "with older versions, and may be removed.",
         .wrong = "fields: {amount: {type: i64, was: value}, value: u8}",
         .right = "fields: {amount: {type: i64, was: value}}"},
};

const struct sn_code_info *sn_code_info(enum sn_code code)
{
    return &codes[code];
}

enum sn_code sn_code_by_name(const char *name)
{
    int code = 0;

    while (code < SN_CODE_COUNT && strcmp(codes[code].name, name) != 0)
        code++;
    return (enum sn_code)code;
}
