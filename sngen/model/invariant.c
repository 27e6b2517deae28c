/* SPDX-License-Identifier: MIT */
/*
 * Invariants: `balance >= 0 && size(seen) <= count`. Recursive descent over
 *
 *     or      = and { "||" and }
 *     and     = compare { "&&" compare }
 *     compare = sum [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) sum ]
 *     sum     = product { ( "+" | "-" ) product }
 *     product = unary { "*" unary }
 *     unary   = ( "!" | "-" ) unary | primary
 *     primary = "(" or ")" | number | duration | "true" | "false" | "size" "(" path ")"
 *             | "has" "(" path ")" | path | constant | value of an enum
 *     path    = member { "." field }
 *
 * Names mean members of the worker first, then constants; a name that is neither is a value of the
 * enum that it is compared with. Integers are calculated in 64 bits: signed, or unsigned where a
 * u64, a duration or a timestamp takes part, which therefore mixes with nothing signed. The first
 * error wins.
 */
#include "model/resolve.h"

#include "lang/value.h"

#include <string.h>

enum { DEPTH_MAX = 32 };

struct parser {
    struct sn_resolver *resolver;
    const struct sn_worker *worker;
    const struct sn_node *node;
    size_t at;
    unsigned depth;
    bool failed;
    struct sn_expr none; /* without memory: nobody looks at it, the arena has failed */
};

/* ---- reports -------------------------------------------------------------------------------- */

static void fail_at(struct parser *parser, enum sn_code code, size_t offset, size_t size,
                    const char *text, const char *help)
{
    struct sn_location at = sn_node_part(parser->node, offset, size > 0 ? size : 1);

    if (parser->failed)
        return;
    parser->failed = true;
    sn_diag_error(parser->resolver->diags, code, &at, "%s", text);
    if (help != NULL)
        sn_diag_help(parser->resolver->diags, "%s", help);
}

static void fail(struct parser *parser, const struct sn_expr *where, const char *text,
                 const char *help)
{
    fail_at(parser, SN_CODE_INVARIANT, where->offset, where->size, text, help);
}

/* ---- words ---------------------------------------------------------------------------------- */

static void skip_blanks(struct parser *parser)
{
    while (parser->node->text[parser->at] == ' ' || parser->node->text[parser->at] == '\n')
        parser->at++;
}

/* Whether an operator stands here, and no longer one that begins like it; takes it. */
static bool accept(struct parser *parser, const char *op)
{
    size_t size = strlen(op);
    const char *here;

    skip_blanks(parser);
    here = parser->node->text + parser->at;
    if (strncmp(here, op, size) != 0 || (size == 1 && strchr("<>!", *op) != NULL && here[1] == '='))
        return false;
    parser->at += size;
    return true;
}

static bool is_word_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
}

/* The word at the cursor, "" if there is none. */
static const char *take_word(struct parser *parser)
{
    size_t begin;

    skip_blanks(parser);
    begin = parser->at;
    while (is_word_character(parser->node->text[parser->at]))
        parser->at++;
    return sn_arena_text(parser->resolver->arena, parser->node->text + begin, parser->at - begin);
}

static struct sn_expr *new_expr(struct parser *parser, enum sn_expr_kind kind, size_t begin)
{
    struct sn_expr *expr = sn_arena_alloc(parser->resolver->arena, sizeof *expr);

    if (expr == NULL) {
        parser->failed = true;
        return &parser->none;
    }
    *expr = (struct sn_expr){.kind = kind, .offset = begin, .size = parser->at - begin};
    return expr;
}

/* ---- members -------------------------------------------------------------------------------- */

static const struct sn_field *find_field(const struct sn_field *fields, size_t count,
                                         const char *name, struct sn_suggest *suggest)
{
    for (size_t i = 0; i < count; i++) {
        sn_suggest_add(suggest, fields[i].name);
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    }
    return NULL;
}

static const struct sn_field *find_member(const struct parser *parser, const char *name,
                                          struct sn_suggest *suggest)
{
    const struct sn_worker *worker = parser->worker;
    const struct sn_field *field = find_field(worker->state, worker->state_count, name, suggest);

    return field != NULL ? field : find_field(worker->retain, worker->retain_count, name, suggest);
}

static void report_unknown(struct parser *parser, const char *what, const char *name, size_t begin,
                           const struct sn_suggest *suggest)
{
    struct sn_arena *arena = parser->resolver->arena;
    const char *text = sn_arena_printf(arena, "%s '%s'", what, name);

    fail_at(parser, SN_CODE_UNKNOWN_FIELD, begin, strlen(name), text,
            suggest->best != NULL ? sn_arena_printf(arena, "did you mean '%s'?", suggest->best)
                                  : NULL);
}

/* The rest of a path behind its first member. */
static const struct sn_field *follow(struct parser *parser, const struct sn_field *field,
                                     const char *name, size_t begin)
{
    struct sn_suggest suggest = {.wanted = name};

    if (field != NULL && field->type.kind == SN_KIND_STRUCT && !field->type.optional) {
        const struct sn_struct *parent = field->type.structure;

        field = find_field(parent->fields, parent->field_count, name, &suggest);
        if (field == NULL && parent->partial)
            parser->failed = true; /* the reason was reported */
        else if (field == NULL)
            report_unknown(parser, "the struct has no field", name, begin, &suggest);
        return field;
    }
    report_unknown(parser, "no struct stands before", name, begin, &suggest);
    return NULL;
}

/* Fill the path of an expression; false: it is no member, or was reported. */
static bool resolve_path(struct parser *parser, struct sn_expr *expr, const char *word)
{
    size_t begin = expr->offset;
    struct sn_suggest suggest = {.wanted = NULL};
    const struct sn_field *field = NULL;

    while (*word != '\0' && !parser->failed) {
        size_t size = strcspn(word, ".");
        const char *name = sn_arena_text(parser->resolver->arena, word, size);

        suggest.wanted = name;
        if (expr->path_count == SN_EXPR_PATH_MAX)
            fail_at(parser, SN_CODE_INVARIANT, begin, size, "the path is too long", NULL);
        field = expr->path_count == 0 ? find_member(parser, name, &suggest)
                                      : follow(parser, field, name, begin);
        if (field == NULL || parser->failed)
            return false;
        expr->path[expr->path_count++] = field;
        word += size + (word[size] == '.');
        begin += size + 1;
    }
    return !parser->failed;
}

static const struct sn_type *type_of(const struct sn_expr *expr)
{
    return &expr->path[expr->path_count - 1]->type;
}

static void classify(struct parser *parser, struct sn_expr *expr)
{
    const struct sn_type *type = type_of(expr);

    expr->domain = SN_EXPR_INTEGER;
    if (type->optional) {
        fail(parser, expr, "an optional value may be missing",
             "has(MEMBER) says whether it is there");
    } else if (type->kind == SN_KIND_BOOL) {
        expr->domain = SN_EXPR_TRUTH;
    } else if (type->kind == SN_KIND_ENUM) {
        expr->domain = SN_EXPR_CHOICE;
        expr->enumeration = type->enumeration;
    } else if (type->kind == SN_KIND_F32 || type->kind == SN_KIND_F64) {
        expr->domain = SN_EXPR_FLOAT;
    } else if (type->kind == SN_KIND_U64 || type->kind == SN_KIND_DURATION ||
               type->kind == SN_KIND_TIMESTAMP) {
        expr->is_unsigned = true;
    } else if (type->kind >= SN_KIND_I8 && type->kind <= SN_KIND_I64) {
        expr->is_signed = true;
    } else if (type->kind == SN_KIND_STRING || type->kind == SN_KIND_BYTES ||
               type->kind == SN_KIND_LIST) {
        fail(parser, expr, "a text or list cannot be compared", "size(MEMBER) is how many it has");
    } else if (type->kind > SN_KIND_U64) {
        fail(parser, expr, "a member of this type cannot be compared",
             "numbers, bool and enums can; of texts and lists size(MEMBER)");
    }
}

static void parse_call(struct parser *parser, struct sn_expr *expr)
{
    const char *word;
    size_t begin;

    skip_blanks(parser);
    begin = parser->at;
    word = take_word(parser);
    expr->offset = begin;
    expr->size = parser->at - begin;
    if (!resolve_path(parser, expr, word)) {
        struct sn_suggest suggest = {.wanted = word};

        find_member(parser, word, &suggest);
        if (!parser->failed)
            report_unknown(parser, "the worker has no member", word, begin, &suggest);
        return;
    }
    if (expr->kind == SN_EXPR_SIZE &&
        (expr->path_count == 0 || type_of(expr)->optional ||
         (type_of(expr)->kind != SN_KIND_STRING && type_of(expr)->kind != SN_KIND_BYTES &&
          type_of(expr)->kind != SN_KIND_LIST)))
        fail(parser, expr, "only texts, bytes and lists have a size", NULL);
    if (expr->kind == SN_EXPR_HAS && (expr->path_count == 0 || !type_of(expr)->optional))
        fail(parser, expr, "only an optional value (T?) may be missing", NULL);
    expr->domain = expr->kind == SN_EXPR_HAS ? SN_EXPR_TRUTH : SN_EXPR_INTEGER;
    if (!parser->failed && !accept(parser, ")"))
        fail_at(parser, SN_CODE_INVARIANT, parser->at, 1, "expected ')'", NULL);
}

/* ---- primaries ------------------------------------------------------------------------------ */

static struct sn_expr *parse_or(struct parser *parser);

static void resolve_word(struct parser *parser, struct sn_expr *expr, const char *word)
{
    expr->name = word;
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) {
        expr->kind = SN_EXPR_BOOL;
        expr->domain = SN_EXPR_TRUTH;
        expr->number = word[0] == 't';
    } else if (sn_value_number(word, &expr->number) || sn_value_duration(word, &expr->number)) {
        expr->kind = SN_EXPR_NUMBER;
        expr->domain = SN_EXPR_INTEGER;
    } else if (word[0] >= '0' && word[0] <= '9') {
        fail(parser, expr, "this is no number", "numbers are written 12, 4k or 10ms");
    } else if (resolve_path(parser, expr, word)) {
        expr->kind = SN_EXPR_MEMBER;
        classify(parser, expr);
    } else if (!parser->failed) {
        expr->constant = sn_map_get(&parser->resolver->scope->constants, word);
        expr->kind = expr->constant != NULL ? SN_EXPR_NUMBER : SN_EXPR_NAME;
        expr->domain = expr->constant != NULL ? SN_EXPR_INTEGER : SN_EXPR_CHOICE;
        expr->number = expr->constant != NULL ? expr->constant->value : 0;
    }
}

static struct sn_expr *parse_primary(struct parser *parser)
{
    struct sn_expr *expr;
    const char *word;
    size_t begin;

    skip_blanks(parser);
    begin = parser->at;
    if (accept(parser, "(")) {
        expr = parse_or(parser);
        if (!parser->failed && !accept(parser, ")"))
            fail_at(parser, SN_CODE_INVARIANT, parser->at, 1, "expected ')'", NULL);
        return expr;
    }
    word = take_word(parser);
    expr = new_expr(parser, SN_EXPR_NAME, begin);
    if (parser->failed)
        return expr;
    if (*word == '\0') {
        fail_at(parser, SN_CODE_INVARIANT, begin, 1, "expected a member, a number or '('",
                "an invariant is like `balance >= 0` or `size(seen) <= 8 && open`");
        return expr;
    }
    expr->kind = strcmp(word, "size") == 0 ? SN_EXPR_SIZE : SN_EXPR_HAS;
    if ((expr->kind == SN_EXPR_SIZE || strcmp(word, "has") == 0) && accept(parser, "("))
        parse_call(parser, expr);
    else
        resolve_word(parser, expr, word);
    return expr;
}

/* ---- operators ------------------------------------------------------------------------------ */

static void expect_class(struct parser *parser, const struct sn_expr *expr, bool truth,
                         const char *op)
{
    struct sn_arena *arena = parser->resolver->arena;
    struct sn_suggest suggest = {.wanted = expr->name};

    if (parser->failed)
        return;
    if (expr->kind == SN_EXPR_NAME) {
        find_member(parser, expr->name, &suggest);
        report_unknown(parser, "neither a member nor a constant is called", expr->name,
                       expr->offset, &suggest);
    } else if (truth && expr->domain != SN_EXPR_TRUTH) {
        fail(parser, expr,
             op != NULL ? sn_arena_printf(arena, "'%s' takes what is true or false", op)
                        : "an invariant is true or false",
             "compare it: `hits > 0`");
    } else if (!truth && expr->domain != SN_EXPR_INTEGER && expr->domain != SN_EXPR_FLOAT) {
        fail(parser, expr, sn_arena_printf(arena, "'%s' takes numbers", op), NULL);
    }
}

static struct sn_expr *parse_unary(struct parser *parser)
{
    struct sn_expr *expr, *operand;
    size_t begin;
    bool is_not;

    skip_blanks(parser);
    begin = parser->at;
    is_not = accept(parser, "!");
    if (!is_not && !accept(parser, "-"))
        return parse_primary(parser);
    if (++parser->depth > DEPTH_MAX) {
        fail_at(parser, SN_CODE_INVARIANT, begin, 1, "the invariant is too deep", NULL);
        return new_expr(parser, SN_EXPR_NAME, begin);
    }
    operand = parse_unary(parser);
    parser->depth--;
    expect_class(parser, operand, is_not, is_not ? "!" : "-");
    expr = new_expr(parser, is_not ? SN_EXPR_NOT : SN_EXPR_MINUS, begin);
    if (parser->failed)
        return expr;
    expr->left = operand;
    expr->domain = operand->domain;
    expr->is_unsigned = operand->is_unsigned;
    expr->is_signed = !is_not;
    return expr;
}

/* Join two sides; what they are is checked already. */
static struct sn_expr *join(struct parser *parser, struct sn_expr *left, const char *op,
                            struct sn_expr *right)
{
    struct sn_expr *expr = new_expr(parser, SN_EXPR_BINARY, left->offset);

    if (parser->failed)
        return expr;
    expr->op = op;
    expr->left = left;
    expr->right = right;
    if (strcmp(op, "&&") == 0 || strcmp(op, "||") == 0)
        return expr;
    expr->is_unsigned = left->is_unsigned || right->is_unsigned;
    expr->is_signed = left->is_signed || right->is_signed || *op == '-';
    expr->domain = left->domain == SN_EXPR_FLOAT || right->domain == SN_EXPR_FLOAT
                       ? SN_EXPR_FLOAT
                       : SN_EXPR_INTEGER;
    if (expr->domain == SN_EXPR_INTEGER && expr->is_unsigned && expr->is_signed)
        fail(parser, expr, "this mixes u64 with what may be negative",
             "the result would wrap around; move a '-' to the other side as a '+', or make both "
             "members i64");
    return expr;
}

static struct sn_expr *parse_product(struct parser *parser)
{
    struct sn_expr *left = parse_unary(parser);

    while (!parser->failed && accept(parser, "*")) {
        struct sn_expr *right = parse_unary(parser);

        expect_class(parser, left, false, "*");
        expect_class(parser, right, false, "*");
        left = join(parser, left, "*", right);
    }
    return left;
}

static struct sn_expr *parse_sum(struct parser *parser)
{
    struct sn_expr *left = parse_product(parser);

    while (!parser->failed) {
        const char *op = accept(parser, "+") ? "+" : accept(parser, "-") ? "-" : NULL;
        struct sn_expr *right;

        if (op == NULL)
            break;
        right = parse_product(parser);
        expect_class(parser, left, false, op);
        expect_class(parser, right, false, op);
        left = join(parser, left, op, right);
    }
    return left;
}

/* A name that stands beside an enum is one of its values. */
static void choose_value(struct parser *parser, struct sn_expr *name, const struct sn_enum *of)
{
    struct sn_suggest suggest = {.wanted = name->name};

    for (size_t i = 0; i < of->value_count; i++) {
        sn_suggest_add(&suggest, of->values[i].name);
        if (strcmp(of->values[i].name, name->name) != 0)
            continue;
        name->kind = SN_EXPR_VALUE;
        name->enumeration = of;
        name->value = &of->values[i];
        return;
    }
    report_unknown(parser,
                   sn_arena_printf(parser->resolver->arena, "the enum '%s' has no value", of->name),
                   name->name, name->offset, &suggest);
}

static void compare_choices(struct parser *parser, struct sn_expr *left, const char *op,
                            struct sn_expr *right)
{
    bool equality = op[1] == '=' && (*op == '=' || *op == '!');

    if (left->kind == SN_EXPR_NAME && right->enumeration != NULL)
        choose_value(parser, left, right->enumeration);
    else if (right->kind == SN_EXPR_NAME && left->enumeration != NULL)
        choose_value(parser, right, left->enumeration);
    if (left->kind == SN_EXPR_NAME || right->kind == SN_EXPR_NAME)
        expect_class(parser, left->kind == SN_EXPR_NAME ? left : right, false, op);
    else if (left->domain != right->domain || left->enumeration != right->enumeration)
        fail(parser, right, "the two sides are of different types", NULL);
    else if (!equality)
        fail(parser, left, "these can only be == or !=", NULL);
}

/* A comparison that says nothing. */
static void refuse_tautology(struct parser *parser, const struct sn_expr *left, const char *op,
                             const struct sn_expr *right)
{
    bool zero = right->kind == SN_EXPR_NUMBER && right->constant == NULL && right->number == 0;

    if (zero && (strcmp(op, ">=") == 0 || strcmp(op, "<") == 0) && !left->is_signed &&
        left->domain == SN_EXPR_INTEGER && left->kind != SN_EXPR_NUMBER)
        fail(parser, left, "this is never negative, so comparing it so says nothing",
             "it is unsigned; did you mean `> 0`?");
}

static const char *take_comparison(struct parser *parser)
{
    static const char *const operators[] = {"==", "!=", "<=", ">=", "<", ">"};

    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (accept(parser, operators[i]))
            return operators[i];
    return NULL;
}

static struct sn_expr *parse_compare(struct parser *parser)
{
    struct sn_expr *left = parse_sum(parser), *right, *expr;
    const char *op = parser->failed ? NULL : take_comparison(parser);

    if (op == NULL)
        return left;
    right = parse_sum(parser);
    if (parser->failed)
        return left;
    if (left->domain == SN_EXPR_INTEGER || left->domain == SN_EXPR_FLOAT) {
        expect_class(parser, right, false, op);
        refuse_tautology(parser, left, op, right);
    } else {
        compare_choices(parser, left, op, right);
    }
    expr = join(parser, left, op, right);
    expr->domain = SN_EXPR_TRUTH;
    if (!parser->failed && take_comparison(parser) != NULL)
        fail(parser, expr, "comparisons are not chained", "write `0 <= a && a <= 9`");
    return expr;
}

/* Comparisons joined by one operator. */
static struct sn_expr *parse_chain(struct parser *parser, const char *op,
                                   struct sn_expr *(*next)(struct parser *parser))
{
    struct sn_expr *left = next(parser);

    while (!parser->failed && accept(parser, op)) {
        struct sn_expr *right = next(parser);

        expect_class(parser, left, true, op);
        expect_class(parser, right, true, op);
        left = join(parser, left, op, right);
        left->domain = SN_EXPR_TRUTH;
    }
    return left;
}

static struct sn_expr *parse_and(struct parser *parser)
{
    return parse_chain(parser, "&&", parse_compare);
}

static struct sn_expr *parse_or(struct parser *parser)
{
    struct sn_expr *expr;

    if (++parser->depth > DEPTH_MAX)
        fail_at(parser, SN_CODE_INVARIANT, parser->at, 1, "the invariant is too deep", NULL);
    expr = parser->failed ? new_expr(parser, SN_EXPR_NAME, parser->at)
                          : parse_chain(parser, "||", parse_and);
    parser->depth--;
    return expr;
}

static bool parse_invariant(struct sn_resolver *resolver, const struct sn_worker *worker,
                            const struct sn_raw *raw, struct sn_invariant *invariant)
{
    struct parser parser = {.resolver = resolver, .worker = worker, .node = raw->node};
    const struct sn_expr *expr = parse_or(&parser);

    skip_blanks(&parser);
    if (!parser.failed && parser.node->text[parser.at] != '\0')
        fail_at(&parser, SN_CODE_INVARIANT, parser.at, 1, "expected an operator or the end",
                parser.node->text[parser.at] == '='
                    ? "is it equal: =="
                    : "the operators are || && == != < <= > >= + - * ! and parentheses");
    expect_class(&parser, expr, true, NULL);
    *invariant = (struct sn_invariant){
        .text = raw->node->text, .expr = expr, .location = raw->node->location};
    return !parser.failed;
}

int sn_resolve_invariants(struct sn_resolver *resolver, const struct sn_bound_worker *bound)
{
    const struct sn_raw *raw = sn_raw_get(bound->raw, SN_WORD_INVARIANT);
    struct sn_worker *worker = bound->worker;

    if (sn_resolve_lost_fields(bound->raw, "state", worker->state_count) ||
        sn_resolve_lost_fields(bound->raw, "retain", worker->retain_count))
        return 0; /* what they are about was refused */
    worker->invariants =
        sn_arena_array(resolver->arena, raw != NULL ? raw->count : 0, sizeof *worker->invariants);
    if (worker->invariants == NULL)
        return -1;
    for (size_t i = 0; raw != NULL && i < raw->count; i++)
        worker->invariant_count += parse_invariant(resolver, worker, &raw->items[i],
                                                   &worker->invariants[worker->invariant_count]);
    return 0;
}
