/* SPDX-License-Identifier: MIT */
/*
 * A worker's invariants in C: one function that finds the first that does not hold, for the
 * worker's table, and one that asks whether all do, for the user.
 */
#include "emit/emitter.h"

#include <string.h>

enum { PAGE = 100, CONDITION = 10 /* the column behind `    if (!(` */ };

/* How tightly an operator binds; children that bind less, or as much on the right, get parentheses.
 */
static int strength(const struct sn_expr *expr)
{
    if (expr->kind != SN_EXPR_BINARY)
        return 7;
    switch (*expr->op) {
    case '|':
        return 1;
    case '&':
        return 2;
    case '*':
        return 6;
    case '+':
    case '-':
        return 5;
    default:
        return 4;
    }
}

static const char *path_of(struct sn_emit *emit, const struct sn_expr *expr)
{
    const char *path = "self->";

    for (size_t i = 0; i < expr->path_count; i++)
        path = sn_emit_printf(emit, "%s%s%s", path, i > 0 ? "." : "", expr->path[i]->name);
    return path;
}

/* An integer in the 64 bits that its comparison is made in. */
static const char *widened(struct sn_emit *emit, const char *text, bool is_same, bool is_unsigned)
{
    if (is_same)
        return text;
    return sn_emit_printf(emit, "%s%s", is_unsigned ? "(uint64_t)" : "(int64_t)", text);
}

static const char *member_of(struct sn_emit *emit, const struct sn_expr *expr, bool is_unsigned,
                             bool is_float)
{
    enum sn_kind kind = expr->path[expr->path_count - 1]->type.kind;
    const char *text = path_of(emit, expr);

    if (expr->domain != SN_EXPR_INTEGER)
        return text;
    if (is_float)
        return sn_emit_printf(emit, "(double)%s", text);
    return widened(emit, text, is_unsigned ? expr->is_unsigned : kind == SN_KIND_I64, is_unsigned);
}

static const char *number_of(struct sn_emit *emit, const struct sn_expr *expr, bool is_unsigned,
                             bool is_float)
{
    if (expr->constant != NULL)
        return widened(emit, sn_name_constant(emit->arena, expr->constant), is_float, is_unsigned);
    if (is_unsigned || expr->number > INT64_MAX)
        return sn_emit_number(emit, expr->number);
    return expr->number <= INT32_MAX ? sn_emit_number(emit, expr->number)
                                     : sn_emit_printf(emit, "INT64_C(%" PRIu64 ")", expr->number);
}

static const char *write_expr(struct sn_emit *emit, const struct sn_expr *expr, bool is_unsigned,
                              bool is_float);

static const char *write_child(struct sn_emit *emit, const struct sn_expr *child, int least,
                               bool is_unsigned, bool is_float)
{
    const char *text = write_expr(emit, child, is_unsigned, is_float);

    return strength(child) < least ? sn_emit_printf(emit, "(%s)", text) : text;
}

static const char *write_binary(struct sn_emit *emit, const struct sn_expr *expr, bool is_unsigned,
                                bool is_float)
{
    int own = strength(expr);

    if (own == 4) { /* a comparison decides for all in it */
        is_unsigned = expr->is_unsigned;
        is_float = expr->left->domain == SN_EXPR_FLOAT || expr->right->domain == SN_EXPR_FLOAT;
    }
    /* && inside of || in parentheses, as compilers want it; comparisons never stand in others. */
    return sn_emit_printf(
        emit, "%s %s %s",
        write_child(emit, expr->left,
                    own == 1   ? 3
                    : own == 4 ? 5
                               : own,
                    is_unsigned, is_float),
        expr->op, write_child(emit, expr->right, own == 1 ? 3 : own + 1, is_unsigned, is_float));
}

static const char *write_expr(struct sn_emit *emit, const struct sn_expr *expr, bool is_unsigned,
                              bool is_float)
{
    const char *text;

    switch (expr->kind) {
    case SN_EXPR_NUMBER:
        return number_of(emit, expr, is_unsigned, is_float);
    case SN_EXPR_BOOL:
        return expr->number != 0 ? "true" : "false";
    case SN_EXPR_VALUE:
        return sn_name_enum_value(emit->arena, expr->enumeration, expr->value);
    case SN_EXPR_MEMBER:
        return member_of(emit, expr, is_unsigned, is_float);
    case SN_EXPR_SIZE:
        text = sn_emit_printf(emit, "%s.%s", path_of(emit, expr),
                              expr->path[expr->path_count - 1]->type.kind == SN_KIND_LIST ? "count"
                                                                                          : "size");
        return is_float ? sn_emit_printf(emit, "(double)%s", text)
                        : widened(emit, text, false, is_unsigned);
    case SN_EXPR_HAS:
        return sn_emit_printf(emit, "%s.present", path_of(emit, expr));
    case SN_EXPR_NOT:
        return sn_emit_printf(emit, "!%s", write_child(emit, expr->left, 7, is_unsigned, is_float));
    case SN_EXPR_MINUS:
        return sn_emit_printf(emit, "-%s", write_child(emit, expr->left, 7, is_unsigned, is_float));
    case SN_EXPR_BINARY:
        return write_binary(emit, expr, is_unsigned, is_float);
    case SN_EXPR_NAME:
        break;
    }
    return "";
}

/* One operand behind the others of its line, or on a new one. */
static void put_operand(struct sn_buffer *out, size_t *column, const char *op, const char *operand,
                        const char *end)
{
    size_t size = strlen(operand) + strlen(end);

    if (op != NULL)
        sn_buffer_printf(out, " %s", op);
    *column += op != NULL ? strlen(op) + 1 : 0;
    if (op != NULL && *column + 1 + size > PAGE) {
        sn_buffer_puts(out, "\n          ");
        *column = CONDITION;
    } else if (op != NULL) {
        sn_buffer_puts(out, " ");
        *column += 1;
    }
    sn_buffer_puts(out, operand);
    *column += strlen(operand);
}

/* The operands of a chain of one operator, in lines as clang-format fills them. */
static void put_chain(struct sn_emit *emit, struct sn_buffer *out, size_t *column,
                      const struct sn_expr *expr, const char *op, const char *end)
{
    bool is_chain = expr->kind == SN_EXPR_BINARY && op != NULL && strcmp(expr->op, op) == 0;

    if (!is_chain) {
        int least = op == NULL ? 0 : 3;

        put_operand(out, column, *column == CONDITION ? NULL : op,
                    write_child(emit, expr, least, false, false), end);
        return;
    }
    put_chain(emit, out, column, expr->left, op, op);
    put_chain(emit, out, column, expr->right, op, end);
}

static void put_condition(struct sn_emit *emit, struct sn_buffer *out, const struct sn_expr *expr)
{
    bool is_chain = expr->kind == SN_EXPR_BINARY && (*expr->op == '&' || *expr->op == '|');
    size_t column = CONDITION;

    sn_buffer_puts(out, "    if (!(");
    put_chain(emit, out, &column, expr, is_chain ? expr->op : NULL, "))");
    sn_buffer_puts(out, "))\n");
}

const char *sn_proto_holds(struct sn_emit *emit, const struct sn_worker *worker)
{
    return sn_emit_printf(emit, "bool %s(const struct %s *self)",
                          sn_name_hook(emit->arena, worker, "holds"),
                          sn_name_worker(emit->arena, worker));
}

void sn_emit_invariants(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    static const char text[] = "    return NULL;\n"
                               "}\n\n"
                               "${prototype}\n"
                               "{\n"
                               "    return ${broken}(self) == NULL;\n"
                               "}\n\n";

    if (worker->invariant_count == 0)
        return;
    sn_template_write(out,
                      "static const char *${broken}(const void *actor)\n"
                      "{\n"
                      "    const struct ${worker} *self = actor;\n"
                      "\n",
                      SN_SLOTS({"broken", sn_name_hook(emit->arena, worker, "broken")},
                               {"worker", sn_name_worker(emit->arena, worker)}));
    for (size_t i = 0; i < worker->invariant_count; i++) {
        const struct sn_invariant *invariant = &worker->invariants[i];

        put_condition(emit, out, invariant->expr);
        sn_template_write(
            out, "        return ${text};\n",
            SN_SLOTS({"text", sn_emit_literal(emit, invariant->text, strlen(invariant->text))}));
    }
    sn_template_write(out, text,
                      SN_SLOTS({"prototype", sn_proto_holds(emit, worker)},
                               {"broken", sn_name_hook(emit->arena, worker, "broken")}));
}
