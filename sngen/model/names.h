/* SPDX-License-Identifier: MIT */
/**
 * Every name that generated C contains, formed in one place.
 *
 * The emitters call these functions, and the collision check (check/) calls
 * the same ones: two declarations that would give one C identifier are refused
 * with both origins named, so a name that is emitted but not formed here would
 * escape that check. Add a function here first, then use it.
 *
 * All results live in the arena and are never NULL ("" after an allocation
 * failure; see base/arena.h). Names without struct/enum keyword: the emitter
 * writes `struct ${name}`.
 *
 * Grammar: <package>_<worker>_<verb>_<target>[_at|_all]. For edges of main the
 * worker part is missing.
 */
#ifndef SNGEN_MODEL_NAMES_H
#define SNGEN_MODEL_NAMES_H

#include "base/arena.h"
#include "model/model.h"

/* ---- files -------------------------------------------------------------- */

/** The package's header: "bank.h". */
const char *sn_name_package_header(struct sn_arena *arena, const struct sn_package *package);
/** The package's source: "bank.c". */
const char *sn_name_package_source(struct sn_arena *arena, const struct sn_package *package);
/** A worker's header: "bank_account.h". */
const char *sn_name_worker_header(struct sn_arena *arena, const struct sn_worker *worker);
/** A worker's source: "bank_account.sn.c", apart from the user's own bank_account.c. */
const char *sn_name_worker_source(struct sn_arena *arena, const struct sn_worker *worker);
/** The guard of a header by its file name: "bank_account.h" -> "BANK_ACCOUNT_H". */
const char *sn_name_guard(struct sn_arena *arena, const char *file_name);

/** A name in capital letters: ASCII only, whatever the locale is. */
const char *sn_name_upper(struct sn_arena *arena, const char *name);

/* ---- package level ------------------------------------------------------ */

/** BANK_MAX_NAME */
const char *sn_name_constant(struct sn_arena *arena, const struct sn_constant *constant);
/** struct bank_size, bank_transfer, bank_transfer_reply, bank_account_args, bank_account_credit */
const char *sn_name_struct(struct sn_arena *arena, const struct sn_struct *structure);
/** The list of a struct: struct bank_entry_list */
const char *sn_name_struct_list(struct sn_arena *arena, const struct sn_struct *structure);
/** enum bank_color */
const char *sn_name_enum(struct sn_arena *arena, const struct sn_enum *enumeration);
/** The list of an enum: struct bank_color_list */
const char *sn_name_enum_list(struct sn_arena *arena, const struct sn_enum *enumeration);
/** BANK_COLOR_RED */
const char *sn_name_enum_value(struct sn_arena *arena, const struct sn_enum *enumeration,
                               const struct sn_enum_value *value);
/** typedef bank_name */
const char *sn_name_alias(struct sn_arena *arena, const struct sn_alias *alias);
/** The maximum of a string, bytes or list field: CHAT_SAID_NAME_MAX,
 * WORDCOUNT_PAGE_REPLY_ENTRIES_MAX */
const char *sn_name_field_max(struct sn_arena *arena, const struct sn_struct *structure,
                              const struct sn_field *field);
/** BANK_NO_FUNDS */
const char *sn_name_error(struct sn_arena *arena, const struct sn_error *error);
/** The message's id: BANK_MESSAGE_TRANSFER */
const char *sn_name_message_id(struct sn_arena *arena, const struct sn_message *message);
/** typedef bank_transfer_reply_to */
const char *sn_name_reply_to(struct sn_arena *arena, const struct sn_message *message);
/** struct bank_transfer_future */
const char *sn_name_future(struct sn_arena *arena, const struct sn_message *message);
/** bank_transfer_future_wait, _cancel, ...: the future's functions by their verb */
const char *sn_name_future_verb(struct sn_arena *arena, const struct sn_message *message,
                                const char *verb);

/** bank_transfer_encode, bank_transfer_reply_decode: by their verb */
const char *sn_name_codec(struct sn_arena *arena, const struct sn_struct *structure,
                          const char *verb);
/** BANK_TRANSFER_ENCODED_MAX, BANK_TRANSFER_WIRE_MEMORY: by their end */
const char *sn_name_wire_size(struct sn_arena *arena, const struct sn_struct *structure,
                              const char *end);

/* The names in a .proto. A package's file holds types of its imports too, under their package's
 * name. */

/** Transfer, TransferReply; of another package BankTransfer */
const char *sn_name_proto_struct(struct sn_arena *arena, const struct sn_package *package,
                                 const struct sn_struct *structure);
/** Color; of another package BankColor */
const char *sn_name_proto_enum(struct sn_arena *arena, const struct sn_package *package,
                               const struct sn_enum *enumeration);
/** COLOR_RED; of another package BANK_COLOR_RED: in proto2 an enum's values stand beside it */
const char *sn_name_proto_enum_value(struct sn_arena *arena, const struct sn_package *package,
                                     const struct sn_enum *enumeration,
                                     const struct sn_enum_value *value);

/** struct bank: the running application */
const char *sn_name_app(struct sn_arena *arena, const struct sn_package *package);
/** bank_start, bank_run, bank_stop, bank_options, bank_result_name: by their last word */
const char *sn_name_app_verb(struct sn_arena *arena, const struct sn_package *package,
                             const char *verb);
/** typedef bank_account_ref: a typed reference to a worker */
const char *sn_name_ref(struct sn_arena *arena, const struct sn_worker *worker);
/** The stem of the user's own partitioners of a `route: custom` pool: bank_accounts_route, then
 * _<message> for each message with a key */
const char *sn_name_pool_route(struct sn_arena *arena, const struct sn_pool *pool);

/* ---- worker level ------------------------------------------------------- */

/** struct bank_account, and the stem of all below */
const char *sn_name_worker(struct sn_arena *arena, const struct sn_worker *worker);
/** bank_account_init, _shutdown, _tick: hooks of the user, by their name */
const char *sn_name_hook(struct sn_arena *arena, const struct sn_worker *worker, const char *hook);
/** The handler of a message: bank_account_on_transfer */
const char *sn_name_on_message(struct sn_arena *arena, const struct sn_worker *worker,
                               const struct sn_message *message);
/** The continuation of an ask: bank_account_on_credit */
const char *sn_name_on_ask(struct sn_arena *arena, const struct sn_worker *worker,
                           const struct sn_ask *ask);
/** The handler of a timer: bank_account_on_beat */
const char *sn_name_on_timer(struct sn_arena *arena, const struct sn_worker *worker,
                             const struct sn_timer *timer);
/** bank_account_start_beat, _cancel_beat */
const char *sn_name_timer_verb(struct sn_arena *arena, const struct sn_worker *worker,
                               const struct sn_timer *timer, const char *verb);
/** bank_account_reply_transfer, _refuse_transfer */
const char *sn_name_answer(struct sn_arena *arena, const struct sn_worker *worker,
                           const struct sn_message *message, const char *verb);
/** bank_account_set_name: the setter of a variable-size member of state or retain */
const char *sn_name_setter(struct sn_arena *arena, const struct sn_worker *worker,
                           const struct sn_field *field);
/** bank_account_seen_push: other changes of a list member, by their verb (push, clear, ...) */
const char *sn_name_member_verb(struct sn_arena *arena, const struct sn_worker *worker,
                                const struct sn_field *field, const char *verb);

/** What a unit test of the worker calls: bank_account_test, _test_start, _test_on_transfer.
 * @verb  NULL: only the stem. @target  NULL: none. */
const char *sn_name_test(struct sn_arena *arena, const struct sn_worker *worker, const char *verb,
                         const char *target);
/** "bank_account_test.h" */
const char *sn_name_test_header(struct sn_arena *arena, const struct sn_worker *worker);

/* ---- edges -------------------------------------------------------------- */

enum sn_form {
    SN_FORM_PLAIN, /* the pool's route chooses */
    SN_FORM_AT,    /* _at: one member by index */
    SN_FORM_ALL,   /* _all: each member */
};

/**
 * A function of an edge: bank_account_send_disks_put_at, bank_call_accounts_balance.
 *
 * @verb  "send", "call", "ask", "send_wait", ...; main's ask names its edge, a worker's its role.
 */
const char *sn_name_edge(struct sn_arena *arena, const struct sn_package *package,
                         const struct sn_edge *edge, const char *verb, enum sn_form form);
/** A worker's ask by its role: bank_account_ask_credit, _ask_credit_at, _ask_credit_all */
const char *sn_name_ask(struct sn_arena *arena, const struct sn_worker *worker,
                        const struct sn_ask *ask, enum sn_form form);
/** Watches and links by their verb: bank_account_watch_disks, _watch_disks_at, _unlink_disks */
const char *sn_name_bond(struct sn_arena *arena, const struct sn_worker *worker, const char *verb,
                         const struct sn_pool *pool, enum sn_form form);
/** What makes and stops members at run time, by its verb: bank_door_spawn_sessions, and of main
 * (worker NULL) bank_stop_sessions */
const char *sn_name_spawn(struct sn_arena *arena, const struct sn_package *package,
                          const struct sn_worker *worker, const char *verb,
                          const struct sn_pool *pool);
/** The handler of a watch: bank_account_on_disks_down */
const char *sn_name_on_down(struct sn_arena *arena, const struct sn_worker *worker,
                            const struct sn_pool *pool);
/** The handler of a dead letter: bank_account_on_dead_put; NULL: of any other, _on_dead_letter */
const char *sn_name_on_dead(struct sn_arena *arena, const struct sn_worker *worker,
                            const struct sn_message *message);
/** How many answers of a role are outstanding: bank_account_waiting_credit */
const char *sn_name_waiting(struct sn_arena *arena, const struct sn_worker *worker,
                            const struct sn_ask *ask);

/* ---- all of them -------------------------------------------------------- */

/* Where a name lives in C, and who sees it. */
enum sn_name_space {
    SN_NAME_TAG,     /* struct or enum, in a header */
    SN_NAME_PUBLIC,  /* function, type, enum constant or macro, in a header */
    SN_NAME_PRIVATE, /* the same, only inside the generated source */
};

/** Is given each name, with where its origin was written and a phrase for it ("message 'add'"). */
struct sn_name_visitor {
    int (*visit)(struct sn_name_visitor *self, enum sn_name_space space, const char *name,
                 const char *origin, const struct sn_location *location);
};

/**
 * Give each identifier that a package's generated C declares at file scope.
 *
 * Names of one declaration may be given several times, with the same location.
 *
 * Returns  0, or the first non-zero result of `visit`.
 */
int sn_names_visit(struct sn_arena *arena, const struct sn_package *package,
                   struct sn_name_visitor *visitor);

/** The same for what `sngen generate --with-tests` adds. */
int sn_names_visit_tests(struct sn_arena *arena, const struct sn_package *package,
                         struct sn_name_visitor *visitor);

#endif
