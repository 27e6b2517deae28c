/* SPDX-License-Identifier: MIT */
/**
 * What the harnesses of a worker share: P_W_test.h and its functions (test_header.c, test_unit.c),
 * and the programs that drive them.
 */
#ifndef SNGEN_EMIT_TESTS_H
#define SNGEN_EMIT_TESTS_H

#include "emit/emitter.h"

/** Whether a worker can be tested alone: a pool of this package has it. */
const struct sn_pool *sn_test_pool(const struct sn_emit *emit, const struct sn_worker *worker);
/** `const struct bank_account_test *test` */
const char *sn_test_self(struct sn_emit *emit, const struct sn_worker *worker);

/* Prototypes, without the semicolon. */
const char *sn_test_proto_start(struct sn_emit *emit, const struct sn_worker *worker);
const char *sn_test_proto_message(struct sn_emit *emit, const struct sn_worker *worker,
                                  const struct sn_message *message);
const char *sn_test_proto_ask(struct sn_emit *emit, const struct sn_worker *worker,
                              const struct sn_ask *ask);
const char *sn_test_proto_timer(struct sn_emit *emit, const struct sn_worker *worker,
                                const char *timer);
const char *sn_test_proto_armed(struct sn_emit *emit, const struct sn_worker *worker,
                                const char *timer);
const char *sn_test_proto_sent(struct sn_emit *emit, const struct sn_worker *worker,
                               const struct sn_edge *edge);
const char *sn_test_proto_asked(struct sn_emit *emit, const struct sn_worker *worker,
                                const struct sn_ask *ask);
const char *sn_test_proto_open(struct sn_emit *emit, const struct sn_worker *worker,
                               const struct sn_message *message);
const char *sn_test_proto_answered(struct sn_emit *emit, const struct sn_worker *worker,
                                   const struct sn_message *message);
const char *sn_test_proto_fill(struct sn_emit *emit, const struct sn_worker *worker,
                               const struct sn_pool *pool);

/* `message` is NULL: of any other dead letter. `verb`: "on", "end", "watches" or "is_linked". */
const char *sn_test_proto_letter(struct sn_emit *emit, const struct sn_worker *worker,
                                 const struct sn_message *message);
const char *sn_test_proto_bond(struct sn_emit *emit, const struct sn_worker *worker,
                               const char *verb, const struct sn_pool *pool);

/** `void f(struct s *value, struct sn_input *input)`: any value, out of bytes. */
const char *sn_need_take(struct sn_emit *emit, const struct sn_struct *structure);

/** Append the functions that were needed. */
void sn_test_put_values(struct sn_emit *emit, struct sn_buffer *out);

/** Visit each pool that a worker sends to, once. */
void sn_test_each_pool(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                       void (*visit)(struct sn_emit *emit, struct sn_buffer *out,
                                     const struct sn_worker *worker, const struct sn_pool *pool));

#endif
