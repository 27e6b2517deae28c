/* SPDX-License-Identifier: MIT */
/**
 * What the parts of the emitter share: the run, C types, prototypes and helpers on demand.
 *
 * One function emits one artefact, by appending to a buffer. Prototypes are formed once and used
 * by the header and the source. Names that only help (copying a struct, finding a member) are
 * asked for where they are used; the first request writes their definition.
 */
#ifndef SNGEN_EMIT_EMITTER_H
#define SNGEN_EMIT_EMITTER_H

#include "base/map.h"
#include "emit/emit.h"
#include "emit/template.h"
#include "model/names.h"

#include <inttypes.h>

/* One run for one package. */
struct sn_emit {
    const struct sn_model *model;
    const struct sn_package *package;
    const struct sn_worker *worker;   /* that the file is for; NULL: it is for all */
    const struct sn_message *message; /* the same */
    struct sn_arena *arena;
    const struct sn_emit_options *options;
    struct sn_map declared;  /* C names of types that a header has declared */
    struct sn_map traits;    /* struct name -> struct sn_traits */
    bool needs_lists;        /* a header uses <sn/list.h> */
    struct sn_map letters;   /* messages that dead letters show with their fields, by their ids */
    struct sn_map helpers;   /* names of static functions that are written */
    struct sn_buffer values; /* static functions that check and copy values */
    struct sn_buffer routes; /* static functions that find the member of a pool */
};

/* ---- text ----------------------------------------------------------------------------------- */

/** Fill in a template as a part of another one. */
const char *sn_emit_text(struct sn_emit *emit, const char *text,
                         const struct sn_template_slot *slots);
/** printf into the run's arena. */
const char *sn_emit_printf(struct sn_emit *emit, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** A number as a C constant. */
const char *sn_emit_number(struct sn_emit *emit, uint64_t number);
/** A time as a C constant: SN_FOREVER, or its nanoseconds. */
const char *sn_emit_time(struct sn_emit *emit, uint64_t time_ns);
/** A time for people: "200 ms". */
const char *sn_emit_time_text(struct sn_emit *emit, uint64_t time_ns);
/** A string as a C literal with its quotes. */
const char *sn_emit_literal(struct sn_emit *emit, const char *text, size_t size);
/** `bank.yaml:12, message "deposit"`: where something was written. */
const char *sn_emit_origin(struct sn_emit *emit, const struct sn_location *location,
                           const char *what);
/** Include headers in the order that clang-format gives them: the file's own, then the others. */
void sn_emit_includes(struct sn_emit *emit, struct sn_buffer *out, const char **names,
                      size_t count);
/** Whether a package is one of sngen's own schemas, whose header comes with the library. */
bool sn_emit_is_own(const struct sn_emit_options *options, const struct sn_package *package);
/** The last part of a path. */
const char *sn_emit_base_name(const char *path);
/** The file name of the package's YAML without its folder and `.yaml`. */
const char *sn_emit_stem(struct sn_emit *emit, const struct sn_package *package);

/* ---- types ---------------------------------------------------------------------------------- */

/** Whether a role asks again. */
static inline bool sn_is_retried(const struct sn_ask *ask)
{
    return ask->edge.guard != NULL && ask->edge.guard->retries > 0;
}

/** Whether a pool or struct of this run's C carries anything: a struct with a field. */
static inline bool sn_has_fields(const struct sn_struct *structure)
{
    return structure != NULL && structure->field_count > 0;
}

/** The type in C: "uint64_t", "struct chat_said_list". Arrays: of their element. */
const char *sn_c_type(struct sn_emit *emit, const struct sn_type *type);
/** The declaration of a member or parameter: "uint8_t id[16]". */
const char *sn_c_declare(struct sn_emit *emit, const struct sn_type *type, const char *name);
/** The type of a list's item, or of an optional's value. */
const char *sn_c_element(struct sn_emit *emit, const struct sn_type *type);
/** What a list or optional is called, without `struct`; "" for other types. */
const char *sn_c_derived(struct sn_emit *emit, const struct sn_type *type);
/** A type as it is without its `?`. */
struct sn_type sn_c_present(const struct sn_type *type);
/** The most items or bytes, as C: a constant's name, a number, or SIZE_MAX. */
const char *sn_c_max(struct sn_emit *emit, const struct sn_type *type);
/** The same for a field of a struct, by the name that the header gives it. */
const char *sn_c_field_max(struct sn_emit *emit, const struct sn_struct *structure,
                           const struct sn_field *field);
/** Whether a field has a named maximum. */
bool sn_c_has_field_max(const struct sn_field *field);

/* What copying a struct needs. */
struct sn_traits {
    bool checked; /* it holds an enum: the range must be checked */
    bool tokens;  /* it holds a reply_to */
};

struct sn_traits sn_struct_traits(struct sn_emit *emit, const struct sn_struct *structure);
struct sn_traits sn_type_traits(struct sn_emit *emit, const struct sn_type *type);

/** Declare a type with all that it is made of, as far as this package has to and has not yet. */
void sn_declare_type(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type);
void sn_declare_struct(struct sn_emit *emit, struct sn_buffer *out,
                       const struct sn_struct *structure);
void sn_declare_enum(struct sn_emit *emit, struct sn_buffer *out,
                     const struct sn_enum *enumeration);
void sn_declare_alias(struct sn_emit *emit, struct sn_buffer *out, const struct sn_alias *alias);
/** `bank.yaml:12, message "transfer"`: where a struct was written. */
const char *sn_emit_struct_origin(struct sn_emit *emit, const struct sn_struct *structure);
/** What a struct is for: its own `doc:`, or its message's; or NULL. */
const char *sn_emit_struct_doc(const struct sn_struct *structure);
/** The members of a struct, each with its comment. */
void sn_declare_fields(struct sn_emit *emit, struct sn_buffer *out, const struct sn_field *fields,
                       size_t count);

/* ---- prototypes: without the semicolon ------------------------------------------------------ */

/** `, const struct bank_put *message`, or "" if the message has no fields. */
const char *sn_message_parameter(struct sn_emit *emit, const struct sn_message *message);
/** `, message` or "". */
const char *sn_message_argument(const struct sn_message *message);
/** ", index", ", ref", or "" where the route chooses: what goes before the message. */
const char *sn_member_argument(const struct sn_edge *edge);
const char *sn_proto_init(struct sn_emit *emit, const struct sn_worker *worker);
const char *sn_proto_shutdown(struct sn_emit *emit, const struct sn_worker *worker);
const char *sn_proto_tick(struct sn_emit *emit, const struct sn_worker *worker);
const char *sn_proto_on_message(struct sn_emit *emit, const struct sn_worker *worker,
                                const struct sn_message *message);
const char *sn_proto_on_ask(struct sn_emit *emit, const struct sn_worker *worker,
                            const struct sn_ask *ask);
const char *sn_proto_on_timer(struct sn_emit *emit, const struct sn_worker *worker,
                              const struct sn_timer *timer);
/** Whether its members are told apart by an index. */
bool sn_pool_is_indexed(const struct sn_pool *pool);
const char *sn_proto_on_down(struct sn_emit *emit, const struct sn_worker *worker,
                             const struct sn_pool *pool);
/** @message  NULL: the handler of those that are not named. */
const char *sn_proto_on_dead(struct sn_emit *emit, const struct sn_worker *worker,
                             const struct sn_message *message);
const char *sn_proto_send(struct sn_emit *emit, const struct sn_edge *edge, enum sn_form form);
const char *sn_proto_ask(struct sn_emit *emit, const struct sn_ask *ask, enum sn_form form);
const char *sn_proto_reply(struct sn_emit *emit, const struct sn_worker *worker,
                           const struct sn_message *message);
const char *sn_proto_refuse(struct sn_emit *emit, const struct sn_worker *worker,
                            const struct sn_message *message);
const char *sn_proto_setter(struct sn_emit *emit, const struct sn_worker *worker,
                            const struct sn_field *field);
const char *sn_proto_push(struct sn_emit *emit, const struct sn_worker *worker,
                          const struct sn_field *field);
const char *sn_proto_clear(struct sn_emit *emit, const struct sn_worker *worker,
                           const struct sn_field *field);
const char *sn_proto_route(struct sn_emit *emit, const struct sn_pool *pool,
                           const struct sn_message *message);
/** Whether an edge of this package chooses a member for the message by the user's function. */
bool sn_is_custom_routed(struct sn_emit *emit, const struct sn_pool *pool,
                         const struct sn_message *message);
/** Of main: `verb` is send, send_wait, call or ask. */
const char *sn_proto_main(struct sn_emit *emit, const struct sn_edge *edge, const char *verb,
                          enum sn_form form);

/** The codec of a message or reply. */
const char *sn_proto_encode(struct sn_emit *emit, const struct sn_struct *structure);
const char *sn_proto_decode(struct sn_emit *emit, const struct sn_struct *structure);

/* ---- what a worker has ---------------------------------------------------------------------- */

/* How a member of state or retain is changed. */
enum sn_member_kind {
    SN_MEMBER_PLAIN,    /* by the user: it is not const */
    SN_MEMBER_TOKEN,    /* holds reply tokens, nothing of variable size */
    SN_MEMBER_EMBEDDED, /* a view of storage inside the worker's struct */
    SN_MEMBER_BLOCK,    /* a view of a block of sn_alloc() */
};

enum sn_member_kind sn_member_kind(struct sn_emit *emit, const struct sn_worker *worker,
                                   const struct sn_field *field);
/** Whether the member's list gets push and clear. */
bool sn_member_has_push(struct sn_emit *emit, const struct sn_worker *worker,
                        const struct sn_field *field);

/** Visit each request that a worker may answer, once: handled, or by a token that it can get. */
void sn_each_answer(struct sn_emit *emit, const struct sn_worker *worker,
                    void (*visit)(struct sn_emit *emit, struct sn_buffer *out,
                                  const struct sn_worker *worker, const struct sn_message *message),
                    struct sn_buffer *out);

/** Enter a key; true the first time: for what several edges share. */
bool sn_emit_first(struct sn_emit *emit, const char *key);

/* ---- names of the .c only ------------------------------------------------------------------- */

const char *sn_name_custom_route(struct sn_emit *emit, const struct sn_pool *pool,
                                 const struct sn_message *message);
const char *sn_name_edge_constant(struct sn_emit *emit, const struct sn_edge *edge);
const char *sn_name_pool_id(struct sn_emit *emit, const struct sn_pool *pool);
const char *sn_name_role_id(struct sn_emit *emit, const struct sn_worker *worker,
                            const struct sn_ask *ask);
const char *sn_name_timer_id(struct sn_emit *emit, const struct sn_worker *worker,
                             const char *timer);

/* ---- helpers on demand: each gives the name of a static function ---------------------------- */

/** Append statements about rc with its declaration: the first call becomes its value. */
void sn_put_with_rc(struct sn_buffer *out, const struct sn_buffer *body);
/** `int f(const struct s *value)`: 0 or SN_INVALID; for fixed structs with an enum. */
const char *sn_need_check(struct sn_emit *emit, const struct sn_struct *structure);
/** `int f(enum e value)`: 0 or SN_INVALID; for enums whose numbers have gaps. */
const char *sn_need_enum_check(struct sn_emit *emit, const struct sn_enum *enumeration);
/** `int f(const struct s *value, size_t *size)`: add what is behind the struct. */
const char *sn_need_tail_size(struct sn_emit *emit, const struct sn_struct *structure);
/** `void f(struct s *copy, char **cursor)`: move what the copy points to. */
const char *sn_need_tail(struct sn_emit *emit, const struct sn_struct *structure);
/** `int f(const struct s *value, size_t *ret_size)`: the payload, against a limit. */
const char *sn_need_size(struct sn_emit *emit, const struct sn_struct *structure);
/** `void f(void *payload, const struct s *value)`: the whole payload. */
const char *sn_need_copy(struct sn_emit *emit, const struct sn_struct *structure);
/** `int f(struct sn_actor *actor, const struct s *value)`; `verb` is keep or pass. */
const char *sn_need_tokens(struct sn_emit *emit, const struct sn_struct *structure,
                           const char *verb);
/** `void f(void *payload, const void *from)`: the same from one payload to another. */
const char *sn_need_again(struct sn_emit *emit, const struct sn_struct *structure);
/** The call that chooses a member of the edge's pool, with `router` and `message` in scope. */
const char *sn_need_member(struct sn_emit *emit, const struct sn_edge *edge);

/* Where statements about a value stand: what they call the size, the cursor and the actor. */
enum sn_put_place {
    SN_PUT_HELPER,  /* parameters: size, cursor, actor */
    SN_PUT_LOCAL,   /* a setter's variables: &size, &cursor, self->sn */
    SN_PUT_UNSIZED, /* the same, and nobody asks for the size */
    SN_PUT_LATER,   /* as local, where rc is declared and 0 */
};

/* Statements about one value of any type; they go on while `rc` is 0, and know that it is at the
 * beginning of the buffer. */
void sn_put_tail_size(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type,
                      const char *value, const char *max, enum sn_put_place place);
/** @locals  declarations for the top of the function; @local  what they may be called. */
void sn_put_tail(struct sn_emit *emit, struct sn_buffer *out, struct sn_buffer *locals,
                 const struct sn_type *type, const char *copy, const char *local,
                 enum sn_put_place place);
/** @verb  keep or pass */
void sn_put_tokens(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type,
                   const char *value, const char *verb, enum sn_put_place place);

/* ---- artefacts ------------------------------------------------------------------------------ */

void sn_emit_file_head(struct sn_emit *emit, struct sn_buffer *out);
void sn_emit_package_header(struct sn_emit *emit, struct sn_buffer *out);
void sn_emit_app_header(struct sn_emit *emit, struct sn_buffer *out);
void sn_emit_worker_header(struct sn_emit *emit, struct sn_buffer *out,
                           const struct sn_worker *worker);
void sn_emit_unit(struct sn_emit *emit, struct sn_buffer *out);
/** What follows each other by several empty lines does so by one; none at the end. */
void sn_emit_squeeze(struct sn_buffer *out);
/** The prototypes of all codecs; nothing without messages for the wire. */
void sn_emit_wire_header(struct sn_emit *emit, struct sn_buffer *out);
void sn_emit_wire_unit(struct sn_emit *emit, struct sn_buffer *out);
void sn_emit_wire_proto(struct sn_emit *emit, struct sn_buffer *out);
/** The values of an enum by ascending number; NULL without memory. */
const struct sn_enum_value **sn_wire_values(struct sn_emit *emit,
                                            const struct sn_enum *enumeration);
/** P_W_test.h, and its functions in the unit: test_header.c, test_unit.c. */
void sn_emit_test_header(struct sn_emit *emit, struct sn_buffer *out,
                         const struct sn_worker *worker);
void sn_emit_tests(struct sn_emit *emit, struct sn_buffer *out);
void sn_emit_worker_fuzzer(struct sn_emit *emit, struct sn_buffer *out);
void sn_emit_sim_program(struct sn_emit *emit, struct sn_buffer *out);
void sn_emit_codec_fuzzer(struct sn_emit *emit, struct sn_buffer *out);
/** Whether this run writes a worker's test header: asked for, and a pool of the package has it. */
bool sn_emit_has_test(const struct sn_emit *emit, const struct sn_worker *worker);

/* A function that measures a value, gets memory for it and copies it there. */
struct sn_transfer {
    const char *prototype;
    const char *locals;                /* declarations, a line each */
    const char *begin;                 /* the call that gets memory, with ${size} in it */
    const struct sn_struct *structure; /* of the value; NULL or without fields: there is none */
    const char *value;                 /* "message", "reply" */
    const char *after;                 /* statement behind the call, whatever its result; or "" */
    const char *end;                   /* statement when all is copied; or "" */
    const char *last;                  /* the `return` at the end; NULL: of the result */
    bool passes_tokens;                /* of an actor, whose tokens go with the value */
};

void sn_emit_transfer(struct sn_emit *emit, struct sn_buffer *out,
                      const struct sn_transfer *transfer);
/** `static const struct sn_edge <name> = {...};` */
void sn_emit_edge_constant(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                           const char *name);
/** The table of the guards of a worker or of main, if there are any. */
void sn_emit_guards(struct sn_emit *emit, struct sn_buffer *out, const struct sn_guards *guards,
                    const char *name);
/** What an edge's guard does, for a comment: ", tried up to 4 times"; "" without one. */
const char *sn_emit_guard_text(struct sn_emit *emit, const struct sn_edge *edge);
/** The initializers of an edge, a line each. */
const char *sn_emit_edge_fields(struct sn_emit *emit, const struct sn_edge *edge, size_t indent);
/** The plain form of an edge to a pool with several members: chooses one, calls `at`. */
void sn_emit_routed(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                    const char *prototype, const char *at, const char *arguments);
/** The _all form: calls `one` for each member. */
void sn_emit_each(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                  const char *prototype, const char *one, const char *arguments);
/** The dispatch of dead letters. */
void sn_emit_dead(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker);
/** Note which messages the package's workers want to see when they die. */
void sn_emit_note_letters(struct sn_emit *emit);
/** What the table of messages says of one that a worker takes as a dead letter, a line each; or "".
 */
const char *sn_emit_letter_fields(struct sn_emit *emit, const struct sn_message *message);
/** The functions of watches and links: prototypes, bodies, and the dispatch of DOWN. */
void sn_declare_bonds(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker);
void sn_emit_bonds(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker);

/* spawns.c: members made at run time */

void sn_declare_spawns(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker);
void sn_emit_spawns(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker);
void sn_declare_main_spawns(struct sn_emit *emit, struct sn_buffer *out);
void sn_emit_main_spawns(struct sn_emit *emit, struct sn_buffer *out);
/** The members of a worker's table by which its args are copied, if it is spawned. */
void sn_emit_args_functions(struct sn_emit *emit, struct sn_buffer *out,
                            const struct sn_worker *worker);

void sn_emit_down(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker);
void sn_emit_sends(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker);
void sn_emit_asks(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker);
void sn_emit_answers(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker);
void sn_emit_timers(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker);
void sn_emit_members(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker);
void sn_emit_dispatch(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker);
const char *sn_proto_holds(struct sn_emit *emit, const struct sn_worker *worker);
/** A worker's invariants; nothing without any. */
void sn_emit_invariants(struct sn_emit *emit, struct sn_buffer *out,
                        const struct sn_worker *worker);
void sn_emit_worker_tables(struct sn_emit *emit, struct sn_buffer *out,
                           const struct sn_worker *worker);
void sn_emit_worker_vtables(struct sn_emit *emit, struct sn_buffer *out);
void sn_emit_supervisors(struct sn_emit *emit, struct sn_buffer *out);
void sn_emit_phases(struct sn_emit *emit, struct sn_buffer *out);
void sn_emit_numbers(struct sn_emit *emit, struct sn_buffer *out);
void sn_emit_tables(struct sn_emit *emit, struct sn_buffer *out);
void sn_emit_app(struct sn_emit *emit, struct sn_buffer *out);
void sn_emit_main_edges(struct sn_emit *emit, struct sn_buffer *out);

#endif
