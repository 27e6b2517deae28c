/* SPDX-License-Identifier: MIT */
/*
 * The supervision tree. Without `supervisors:` a one_for_one root holds all
 * pools in order. Otherwise every supervisor but `root` and every pool must be
 * the child of exactly one supervisor, and all must hang from the root.
 */
#include "model/resolve.h"

#include <string.h>

#define DEFAULT_WINDOW_NS 5000000000u
#define DEFAULT_BACKOFF_MIN_NS 10000000u
#define DEFAULT_BACKOFF_MAX_NS 5000000000u

struct tree {
    struct sn_resolver *resolver;
    struct sn_supervisor *supervisors;
    size_t count;
    bool *reached;         /* from the root, by index */
    bool partial;          /* some children were refused, so what seems to miss may only be them */
    struct sn_map names;   /* struct sn_supervisor */
    struct sn_map parents; /* struct sn_location of where a pool or supervisor is a child */
};

static void set_defaults(struct sn_supervisor *supervisor)
{
    supervisor->strategy = SN_ONE_FOR_ONE;
    supervisor->restarts = 1;
    supervisor->window_ns = DEFAULT_WINDOW_NS;
    supervisor->backoff_min_ns = DEFAULT_BACKOFF_MIN_NS;
    supervisor->backoff_max_ns = DEFAULT_BACKOFF_MAX_NS;
    supervisor->restart = SN_RESTART_PERMANENT;
    supervisor->shutdown_ns = SN_NO_TIME_LIMIT;
}

static void resolve_limits(const struct sn_raw *raw, struct sn_supervisor *supervisor)
{
    const struct sn_raw *restarts = sn_raw_get(raw, SN_WORD_RESTARTS);
    const struct sn_raw *backoff = sn_raw_get(raw, SN_WORD_BACKOFF);

    if (restarts != NULL && restarts->text != NULL) {
        supervisor->restarts_unlimited = true;
    } else if (restarts != NULL) {
        supervisor->restarts = (uint32_t)restarts->number;
        supervisor->window_ns = restarts->number_to;
    }
    if (backoff != NULL) { /* `none` leaves both at 0 */
        supervisor->backoff_min_ns = backoff->text != NULL ? 0 : backoff->number;
        supervisor->backoff_max_ns = backoff->text != NULL ? 0 : backoff->number_to;
    }
}

static void resolve_words(const struct sn_raw *raw, struct sn_supervisor *supervisor)
{
    const struct sn_raw *strategy = sn_raw_get(raw, SN_WORD_STRATEGY);
    const struct sn_raw *auto_shutdown = sn_raw_get(raw, SN_WORD_AUTO_SHUTDOWN);
    const struct sn_raw *restart = sn_raw_get(raw, SN_WORD_RESTART);
    const struct sn_raw *shutdown = sn_raw_get(raw, SN_WORD_SHUTDOWN);

    if (strategy != NULL && strcmp(strategy->text, "one_for_all") == 0)
        supervisor->strategy = SN_ONE_FOR_ALL;
    if (strategy != NULL && strcmp(strategy->text, "rest_for_one") == 0)
        supervisor->strategy = SN_REST_FOR_ONE;
    if (auto_shutdown != NULL && strcmp(auto_shutdown->text, "any") == 0)
        supervisor->auto_shutdown = SN_AUTO_SHUTDOWN_ANY;
    if (auto_shutdown != NULL && strcmp(auto_shutdown->text, "all") == 0)
        supervisor->auto_shutdown = SN_AUTO_SHUTDOWN_ALL;
    if (restart != NULL && strcmp(restart->text, "transient") == 0)
        supervisor->restart = SN_RESTART_TRANSIENT;
    if (restart != NULL && strcmp(restart->text, "temporary") == 0)
        supervisor->restart = SN_RESTART_TEMPORARY;
    if (shutdown != NULL)
        supervisor->shutdown_ns = shutdown->text == NULL                  ? shutdown->number
                                  : strcmp(shutdown->text, "brutal") == 0 ? 0
                                                                          : SN_NO_TIME_LIMIT;
}

static void declare(struct tree *tree, const struct sn_raw *raw)
{
    const struct sn_bound_pool *pool = sn_map_get(&tree->resolver->scope->pools, raw->name->text);
    struct sn_supervisor *supervisor = &tree->supervisors[tree->count++];

    set_defaults(supervisor);
    supervisor->name = raw->name->text;
    supervisor->location = raw->name->location;
    supervisor->doc = sn_raw_doc(tree->resolver->arena, raw);
    resolve_words(raw, supervisor);
    resolve_limits(raw, supervisor);
    sn_map_put(&tree->names, supervisor->name, supervisor);
    if (pool != NULL) {
        sn_diag_error(tree->resolver->diags, SN_CODE_DUPLICATE, &supervisor->location,
                      "'%s' is the name of a pool and of a supervisor", supervisor->name);
        sn_diag_note(tree->resolver->diags, &pool->pool->location, "the pool");
    }
}

static void report_unknown_child(struct tree *tree, const struct sn_raw *item)
{
    struct sn_scope *scope = tree->resolver->scope;
    struct sn_suggest suggest = {.wanted = item->text};
    bool may = sn_diags_may_suggest(tree->resolver->diags);

    if (sn_resolve_is_pool_written(tree->resolver, item->text) ||
        sn_resolve_is_written(tree->resolver, scope, "supervisors", item->text))
        return;
    for (size_t i = 0; tree->supervisors != NULL && i < tree->count && may; i++)
        sn_suggest_add(&suggest, tree->supervisors[i].name);
    for (size_t i = 0; i < scope->bound_pool_count && may; i++)
        sn_suggest_add(&suggest, scope->bound_pools[i].pool->name);
    sn_diag_error(tree->resolver->diags, SN_CODE_UNKNOWN_CHILD, &item->node->location,
                  "no pool or supervisor is called '%s'", item->text);
    if (suggest.best != NULL)
        sn_diag_help(tree->resolver->diags, "did you mean '%s'?", suggest.best);
}

static void add_child(struct tree *tree, struct sn_supervisor *parent, const struct sn_raw *item)
{
    const struct sn_bound_pool *pool = sn_map_get(&tree->resolver->scope->pools, item->text);
    const struct sn_supervisor *found = sn_map_get(&tree->names, item->text);
    struct sn_supervisor *child =
        found != NULL ? &tree->supervisors[found - tree->supervisors] : NULL;
    const struct sn_location *at = &item->node->location, *first;

    if (pool == NULL && child == NULL) {
        report_unknown_child(tree, item);
        tree->partial = true;
        return;
    }
    first = sn_map_put(&tree->parents, item->text, at);
    if (first != NULL) {
        sn_diag_error(tree->resolver->diags, SN_CODE_SUPERVISION, at,
                      "'%s' is the child of two supervisors, or twice of one", item->text);
        sn_diag_note(tree->resolver->diags, first, "here is the other place");
        return;
    }
    if (child != NULL && child == &tree->supervisors[0]) {
        sn_diag_error(tree->resolver->diags, SN_CODE_SUPERVISION, at,
                      "'root' is the top and cannot be a child");
        return;
    }
    if (child != NULL)
        child->parent = parent;
    parent->children[parent->child_count++] = (struct sn_child){
        .pool = child == NULL ? pool->pool : NULL, .supervisor = child, .location = *at};
}

static const char *child_name(const struct sn_child *child)
{
    return child->pool != NULL ? child->pool->name : child->supervisor->name;
}

/* By its name; NULL: the supervisor has no such child. */
static struct sn_child *find_child(const struct sn_supervisor *supervisor, const char *name)
{
    for (size_t i = 0; i < supervisor->child_count; i++)
        if (strcmp(child_name(&supervisor->children[i]), name) == 0)
            return &supervisor->children[i];
    return NULL;
}

static void report_no_child(struct tree *tree, const struct sn_supervisor *supervisor,
                            const struct sn_raw *item)
{
    struct sn_suggest suggest = {.wanted = item->text};

    for (size_t i = 0; i < supervisor->child_count; i++)
        sn_suggest_add(&suggest, child_name(&supervisor->children[i]));
    sn_diag_error(tree->resolver->diags, SN_CODE_SUPERVISION, &item->node->location,
                  "'%s' is no child of '%s', so its end cannot be significant to it", item->text,
                  supervisor->name);
    if (suggest.best != NULL && sn_diags_may_suggest(tree->resolver->diags))
        sn_diag_help(tree->resolver->diags, "did you mean '%s'?", suggest.best);
}

static void add_significant(struct tree *tree, const struct sn_supervisor *supervisor,
                            const struct sn_raw *item)
{
    struct sn_child *child = find_child(supervisor, item->text);

    if (child == NULL && !tree->partial)
        report_no_child(tree, supervisor, item);
    if (child == NULL)
        return;
    child->significant = true;
    if ((child->pool != NULL ? child->pool->restart : child->supervisor->restart) !=
        SN_RESTART_PERMANENT)
        return;
    sn_diag_error(tree->resolver->diags, SN_CODE_SUPERVISION, &item->node->location,
                  "'%s' is permanent: it is always restarted, so it never ends by itself",
                  item->text);
    sn_diag_help(tree->resolver->diags, "say `restart: transient` or `restart: temporary` in '%s'",
                 item->text);
}

/* After the children of all supervisors are known. */
static void resolve_significant(struct tree *tree, const struct sn_raw *raw,
                                const struct sn_supervisor *supervisor)
{
    const struct sn_raw *names = sn_raw_get(raw, SN_WORD_SIGNIFICANT);
    const struct sn_raw *when = sn_raw_get(raw, SN_WORD_AUTO_SHUTDOWN);
    bool never = supervisor->auto_shutdown == SN_AUTO_SHUTDOWN_NEVER;
    size_t count = names != NULL ? names->count : 0;

    for (size_t i = 0; i < count; i++)
        add_significant(tree, supervisor, &names->items[i]);
    if (count > 0 && never) {
        sn_diag_error(tree->resolver->diags, SN_CODE_SUPERVISION, &names->name->location,
                      "'%s' has significant children, but their end means nothing to it",
                      supervisor->name);
        sn_diag_help(tree->resolver->diags, "add `auto_shutdown: any` or `auto_shutdown: all`");
    }
    if (when != NULL && !never && names == NULL) {
        sn_diag_error(tree->resolver->diags, SN_CODE_SUPERVISION, &when->name->location,
                      "'%s' has no significant children, so it never shuts down by itself",
                      supervisor->name);
        sn_diag_help(tree->resolver->diags, "name some: `significant: [%s]`",
                     supervisor->child_count > 0 ? child_name(&supervisor->children[0]) : "...");
    }
}

static int resolve_children(struct tree *tree, const struct sn_raw *raw,
                            struct sn_supervisor *supervisor)
{
    const struct sn_raw *children = sn_raw_get(raw, SN_WORD_CHILDREN);
    size_t count = children != NULL ? children->count : 0;

    supervisor->children =
        sn_arena_array(tree->resolver->arena, count, sizeof *supervisor->children);
    if (supervisor->children == NULL)
        return -1;
    tree->partial |= children == NULL || count < children->node->count;
    for (size_t i = 0; i < count; i++)
        add_child(tree, supervisor, &children->items[i]);
    if (count == 0 && children != NULL)
        sn_diag_error(tree->resolver->diags, SN_CODE_SUPERVISION, &children->name->location,
                      "the supervisor '%s' has no children", supervisor->name);
    return 0;
}

static void report_orphans(struct tree *tree)
{
    const struct sn_scope *scope = tree->resolver->scope;

    for (size_t i = 0; i < scope->bound_pool_count && !tree->partial; i++) {
        const struct sn_pool *pool = scope->bound_pools[i].pool;

        if (sn_map_get(&tree->parents, pool->name) != NULL)
            continue;
        sn_diag_error(tree->resolver->diags, SN_CODE_SUPERVISION, &pool->location,
                      "no supervisor has the pool '%s' as a child", pool->name);
        sn_diag_help(tree->resolver->diags, "add '%s' to the `children` of a supervisor",
                     pool->name);
    }
    for (size_t i = 1; i < tree->count; i++) {
        const struct sn_supervisor *supervisor = &tree->supervisors[i];

        if (tree->reached[i])
            continue;
        sn_diag_error(tree->resolver->diags, SN_CODE_SUPERVISION, &supervisor->location,
                      "the supervisor '%s' does not hang from 'root'", supervisor->name);
        sn_diag_help(tree->resolver->diags, "add '%s' to the `children` of another supervisor",
                     supervisor->name);
    }
}

/* Parents before children: a walk over the tree from the root. */
static int order_supervisors(struct tree *tree)
{
    struct sn_package *package = tree->resolver->scope->package;
    const struct sn_supervisor **list =
        sn_arena_array(tree->resolver->arena, tree->count, sizeof *list);
    size_t count = 0;

    tree->reached = sn_arena_array(tree->resolver->arena, tree->count, sizeof *tree->reached);
    if (list == NULL || tree->reached == NULL)
        return -1;
    list[count++] = &tree->supervisors[0];
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < list[i]->child_count; k++)
            if (list[i]->children[k].supervisor != NULL && count < tree->count) {
                list[count++] = list[i]->children[k].supervisor;
                tree->reached[list[count - 1] - tree->supervisors] = true;
            }
    package->root = list[0];
    package->supervisors = list;
    package->supervisor_count = count;
    return 0;
}

static int resolve_implicit(struct tree *tree)
{
    const struct sn_scope *scope = tree->resolver->scope;
    struct sn_supervisor *root = &tree->supervisors[0];

    if (scope->bound_pool_count == 0)
        return 0;
    tree->count = 1;
    set_defaults(root);
    root->name = "root";
    root->children =
        sn_arena_array(tree->resolver->arena, scope->bound_pool_count, sizeof *root->children);
    if (root->children == NULL)
        return -1;
    for (size_t i = 0; i < scope->bound_pool_count; i++)
        root->children[root->child_count++] = (struct sn_child){.pool = scope->bound_pools[i].pool};
    return order_supervisors(tree);
}

static const struct sn_raw *find_root(const struct sn_raw *raw)
{
    for (size_t i = 0; i < raw->count; i++)
        if (strcmp(raw->items[i].name->text, "root") == 0)
            return &raw->items[i];
    return NULL;
}

int sn_resolve_supervisors(struct sn_resolver *resolver)
{
    const struct sn_raw *raw = sn_raw_get(resolver->scope->raw, SN_WORD_SUPERVISORS);
    const struct sn_raw *root = raw != NULL ? find_root(raw) : NULL;
    struct tree tree = {.resolver = resolver};

    tree.supervisors =
        sn_arena_array(resolver->arena, raw != NULL ? raw->count + 1 : 1, sizeof *tree.supervisors);
    if (tree.supervisors == NULL)
        return -1;
    if (raw == NULL)
        return resolve_implicit(&tree);
    sn_map_init(&tree.names, resolver->arena);
    sn_map_init(&tree.parents, resolver->arena);
    if (root == NULL) {
        sn_diag_error(resolver->diags, SN_CODE_SUPERVISION, &raw->name->location,
                      "the top supervisor must be called 'root'");
        sn_diag_help(resolver->diags, "rename it, or add `root: {children: [...]}`");
        return 0;
    }
    declare(&tree, root); /* first, so that it is supervisors[0] */
    for (size_t i = 0; i < raw->count; i++)
        if (&raw->items[i] != root)
            declare(&tree, &raw->items[i]);
    if (resolve_children(&tree, root, &tree.supervisors[0]) != 0)
        return -1;
    for (size_t i = 0, at = 1; i < raw->count; i++)
        if (&raw->items[i] != root &&
            resolve_children(&tree, &raw->items[i], &tree.supervisors[at++]) != 0)
            return -1;
    resolve_significant(&tree, root, &tree.supervisors[0]);
    for (size_t i = 0, at = 1; i < raw->count; i++)
        if (&raw->items[i] != root)
            resolve_significant(&tree, &raw->items[i], &tree.supervisors[at++]);
    if (order_supervisors(&tree) != 0)
        return -1;
    report_orphans(&tree);
    return 0;
}
