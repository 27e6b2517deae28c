/* SPDX-License-Identifier: MIT */
/* The rows of types and messages; see table.c. */
#include "lang/table_rows.h"

static const struct sn_choice lanes[] = {
    {"request", "in order, before telemetry", false},
    {"telemetry", "after requests; may be dropped under load by policy", false},
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
const struct sn_shape sn_lang_field = {
    "a field",  "field", "One named value of a message, a struct, arguments or state.",
    field_keys, true,    NULL};

static const struct sn_key structure_keys[] = {
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it is."},
    WAS("Its name before it was renamed; its fields keep their numbers in sngen.lock."),
    END};
const struct sn_shape sn_lang_structure = {
    "a struct",     "structure", "A map under `types`: every key but these two is a field.",
    structure_keys, false,       &sn_lang_field};

static const struct sn_key enum_value_keys[] = {
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it means."},
    WAS("Its name before it was renamed; it keeps its number in sngen.lock."),
    END};
const struct sn_shape sn_lang_enum_value = {
    "a value",       "value", "One value of an enum: `NAME`, `NAME: TEXT` or `NAME: {...}`.",
    enum_value_keys, true,    NULL};

static const struct sn_key enum_keys[] = {
    {.word = SN_WORD_ENUM,
     .name = "enum",
     .value = SN_VALUE_NAMED,
     .doc = "Its values.",
     .shape = &sn_lang_enum_value,
     .required = true,
     .example = "[red, green]"},
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it is."},
    WAS("Its name before it was renamed; its values keep their numbers in sngen.lock."),
    END};
const struct sn_shape sn_lang_enumeration = {
    "an enum", "enum", "An enum under `types` with more than its list of values.",
    enum_keys, false,  NULL};

static const struct sn_key typedef_keys[] = {
    {.word = SN_WORD_TYPEDEF,
     .name = "typedef",
     .value = SN_VALUE_TYPE,
     .doc = "The type that it is another name for; `NAME: TYPE` is the short form.",
     .required = true,
     .example = "string(32)"},
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it is."},
    WAS("Its name before it was renamed."),
    END};
const struct sn_shape sn_lang_typedef = {
    "an alias",   "alias", "Another name for a type, under `types` with more than the type.",
    typedef_keys, true,    NULL};

static const struct sn_key error_keys[] = {
    WAS("Its name before it was renamed; it keeps its number in sngen.lock."), END};
const struct sn_shape sn_lang_error = {
    "an error", "error", "One error of a request: `NAME` or `NAME: {was: NAME}`.",
    error_keys, false,   NULL};

static const struct sn_key message_keys[] = {
    {.word = SN_WORD_DOC, .name = "doc", .value = SN_VALUE_DOC, .doc = "What it means."},
    {.word = SN_WORD_FIELDS,
     .name = "fields",
     .value = SN_VALUE_FIELDS,
     .doc = "What it carries.",
     .shape = &sn_lang_field,
     .fallback = "{}",
     .example = "{key: bytes(256), amount: i64}"},
    {.word = SN_WORD_REPLY,
     .name = "reply",
     .value = SN_VALUE_FIELDS,
     .doc = "What the answer carries; makes the message a request. {} is a bare acknowledgement.",
     .shape = &sn_lang_field,
     .example = "{seq: u64}"},
    {.word = SN_WORD_ERRORS,
     .name = "errors",
     .value = SN_VALUE_NAMED,
     .doc = "The errors that a request may be refused with.",
     .shape = &sn_lang_error,
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
const struct sn_shape sn_lang_message = {
    "a message",  "message", "Something that one worker sends to another.",
    message_keys, false,     NULL};
