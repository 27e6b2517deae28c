/* SPDX-License-Identifier: MIT */
/*
 * `sngen graph`: who sends what to whom, who is told of whose end, who restarts whom, and in which
 * order a stop asks whom. Pools are nodes, supervisors the boxes around them, and all edges between
 * the same two with the same guard are one arrow with the names of its messages; requests end with
 * a '?'.
 *
 * The walk is the same for Mermaid and DOT; `struct style` holds the words.
 */
#include "emit/template.h"
#include "model/print.h"
#include "tool/command.h"

#include <string.h>

/* How arrows look: what is sent; what is asked by a role; who is told of an end; who fails with
 * whom; who makes whom; what comes before what. */
enum arrow {
    ARROW_SEND,
    ARROW_ASK,
    ARROW_WATCH,
    ARROW_LINK,
    ARROW_LETTER,
    ARROW_SPAWN,
    ARROW_AFTER,
    ARROWS
};

/* Templates of a line each: ${id}, ${label}; of arrows ${from}, ${label}, ${to}. */
struct style {
    const char *begin;
    const char *end;
    const char *box_begin;
    const char *box_end;
    const char *pool;
    const char *outside; /* what is not an actor: threads outside, dead letters, phases */
    const char *const *arrows;
    const char *escaped; /* what may not stand in a label, each with one of the texts */
    const char *const *escapes;
};

static const char *const mermaid_escapes[] = {"<br/>", "#quot;", "#35;", "#lt;", "#gt;", "#amp;"};
static const char *const mermaid_arrows[ARROWS] = {
    [ARROW_SEND] = "${from} -- \"${label}\" --> ${to}\n",
    [ARROW_ASK] = "${from} -. \"${label}\" .-> ${to}\n",
    [ARROW_WATCH] = "${from} -. \"${label}\" .-o ${to}\n",
    [ARROW_LINK] = "${from} <== \"${label}\" ==> ${to}\n",
    [ARROW_LETTER] = "${from} -. \"${label}\" .-> ${to}\n",
    [ARROW_SPAWN] = "${from} == \"${label}\" ==> ${to}\n",
    [ARROW_AFTER] = "${from} == \"${label}\" ==> ${to}\n",
};
static const struct style mermaid = {
    .begin = "flowchart LR\n",
    .end = "",
    .box_begin = "subgraph ${id}[\"${label}\"]\n",
    .box_end = "end\n",
    .pool = "${id}[\"${label}\"]\n",
    .outside = "${id}([\"${label}\"])\n",
    .arrows = mermaid_arrows,
    .escaped = "\n\"#<>&",
    .escapes = mermaid_escapes,
};

static const char *const dot_escapes[] = {"\\n", "\\\"", "\\\\"};
static const char *const dot_arrows[ARROWS] = {
    [ARROW_SEND] = "${from} -> ${to} [label=\"${label}\"];\n",
    [ARROW_ASK] = "${from} -> ${to} [label=\"${label}\", style=dashed];\n",
    [ARROW_WATCH] = "${from} -> ${to} [label=\"${label}\", style=dotted, arrowhead=odot];\n",
    [ARROW_LINK] = "${from} -> ${to} [label=\"${label}\", style=bold, dir=both];\n",
    [ARROW_LETTER] = "${from} -> ${to} [label=\"${label}\", style=dashed];\n",
    [ARROW_SPAWN] = "${from} -> ${to} [label=\"${label}\", style=bold];\n",
    [ARROW_AFTER] = "${from} -> ${to} [label=\"${label}\", style=bold];\n",
};
static const struct style dot = {
    .begin = "digraph topology {\n  rankdir=LR;\n  node [shape=box];\n",
    .end = "}\n",
    .box_begin = "subgraph cluster_${id} { label=\"${label}\";\n",
    .box_end = "}\n",
    .pool = "${id} [label=\"${label}\"];\n",
    .outside = "${id} [label=\"${label}\", shape=oval];\n",
    .arrows = dot_arrows,
    .escaped = "\n\"\\",
    .escapes = dot_escapes,
};

struct graph {
    struct sn_buffer *out;
    struct sn_buffer label; /* of the line that is being written, as it is to be read */
    struct sn_arena *arena;
    const struct sn_package *package;
    const struct style *style;
};

/* ---- lines ---------------------------------------------------------------------------------- */

/* Take the label, in the form that the style has for it. */
static const char *take_label(struct graph *graph)
{
    const struct style *style = graph->style;
    struct sn_buffer escaped = {0};
    const char *text;

    for (size_t i = 0; i < graph->label.size; i++) {
        const char *at = strchr(style->escaped, graph->label.data[i]);

        if (at != NULL)
            sn_buffer_puts(&escaped, style->escapes[at - style->escaped]);
        else
            sn_buffer_append(&escaped, &graph->label.data[i], 1);
    }
    text = sn_arena_text(graph->arena, escaped.size > 0 ? escaped.data : "", escaped.size);
    graph->out->failed |= escaped.failed || text == NULL;
    sn_buffer_fini(&escaped);
    graph->label.size = 0;
    return text != NULL ? text : "";
}

static void line(struct graph *graph, unsigned depth, const char *template,
                 const struct sn_template_slot *slots)
{
    sn_buffer_fill(graph->out, ' ', 2 * (size_t)depth + 2);
    sn_buffer_puts(graph->out, sn_template_text(graph->arena, template, slots));
}

/* A node or the beginning of a box. */
static void place(struct graph *graph, unsigned depth, const char *template, const char *id)
{
    line(graph, depth, template, SN_SLOTS({"id", id}, {"label", take_label(graph)}));
}

static void arrow(struct graph *graph, enum arrow kind, const char *from, const char *to)
{
    line(graph, 0, graph->style->arrows[kind],
         SN_SLOTS({"from", from}, {"label", take_label(graph)}, {"to", to}));
}

static const char *id_of(struct graph *graph, const char *kind, const char *name)
{
    return sn_arena_printf(graph->arena, "%s_%s", kind, name);
}

static const char *pool_id(struct graph *graph, const struct sn_pool *pool)
{
    return id_of(graph, "pool", pool->name);
}

/* ---- supervisors and pools ------------------------------------------------------------------ */

static void write_pool(struct graph *graph, unsigned depth, const struct sn_child *child)
{
    const struct sn_pool *pool = child->pool;
    const struct sn_worker *worker = pool->worker;

    sn_buffer_printf(&graph->label, "%s\n%s x ", pool->name, worker->name);
    if (pool->size_auto)
        sn_buffer_puts(&graph->label, "a shard");
    else if (pool->at_run_time)
        sn_buffer_printf(&graph->label, "0..%u", (unsigned)pool->size);
    else
        sn_buffer_printf(&graph->label, "%u", (unsigned)pool->size);
    if (child->significant)
        sn_buffer_puts(&graph->label, "\nsignificant");
    if (worker->memory_bytes > 0) {
        sn_buffer_puts(&graph->label, "\nmemory ");
        sn_print_number(&graph->label, worker->memory_bytes);
    }
    for (size_t i = 0; i < worker->invariant_count; i++)
        sn_buffer_printf(&graph->label, "\ninvariant %s", worker->invariants[i].text);
    place(graph, depth, graph->style->pool, pool_id(graph, pool));
}

static void begin_box(struct graph *graph, unsigned depth, const struct sn_supervisor *supervisor,
                      bool significant)
{
    const struct sn_package *package = graph->package;

    sn_buffer_printf(&graph->label, "%s: %s", supervisor->name,
                     sn_strategy_word(supervisor->strategy));
    if (supervisor->auto_shutdown != SN_AUTO_SHUTDOWN_NEVER)
        sn_buffer_printf(&graph->label, ", auto_shutdown %s",
                         sn_auto_shutdown_word(supervisor->auto_shutdown));
    if (significant)
        sn_buffer_puts(&graph->label, ", significant");
    if (supervisor == package->root && package->memory_bytes > 0) {
        sn_buffer_puts(&graph->label, ", memory ");
        sn_print_number(&graph->label, package->memory_bytes);
        sn_buffer_puts(&graph->label, " a shard");
    }
    place(graph, depth, graph->style->box_begin, id_of(graph, "supervisor", supervisor->name));
}

/* The boxes, nested; supervisors may be as deep as the file allows, so no recursion. */
static void write_tree(struct graph *graph)
{
    const struct sn_supervisor *at = graph->package->root;
    size_t *next = sn_arena_array(graph->arena, graph->package->supervisor_count + 1, sizeof *next);
    unsigned depth = 0;

    if (at == NULL || next == NULL)
        return;
    begin_box(graph, depth, at, false);
    while (at != NULL) {
        const struct sn_child *child = &at->children[next[depth]];

        if (next[depth]++ == at->child_count) {
            line(graph, depth, graph->style->box_end, NULL);
            at = at->parent;
            depth -= depth > 0;
        } else if (child->pool != NULL) {
            write_pool(graph, depth + 1, child);
        } else {
            at = child->supervisor;
            next[++depth] = 0;
            begin_box(graph, depth, at, child->significant);
        }
    }
}

/* ---- arrows --------------------------------------------------------------------------------- */

static void put_guard(struct graph *graph, const struct sn_guard *guard)
{
    if (guard == NULL)
        return;
    sn_buffer_puts(&graph->label, "\n");
    sn_print_guard(&graph->label, guard);
}

static void put_message(struct graph *graph, const struct sn_message *message)
{
    sn_buffer_printf(&graph->label, "%s%s", message->name, message->reply != NULL ? "?" : "");
}

static bool same_arrow(const struct sn_edge *left, const struct sn_edge *right)
{
    return left->pool == right->pool && left->guard == right->guard;
}

/* All sends and calls from one place. */
static void write_edges(struct graph *graph, const char *from, const struct sn_edge *edges,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t first = 0;

        while (!same_arrow(&edges[first], &edges[i]))
            first++;
        for (size_t k = i; k < count && first == i; k++) {
            if (!same_arrow(&edges[k], &edges[i]))
                continue;
            sn_buffer_puts(&graph->label, k > i ? ", " : "");
            put_message(graph, edges[k].message);
        }
        if (first < i)
            continue;
        put_guard(graph, edges[i].guard);
        arrow(graph, ARROW_SEND, from, pool_id(graph, edges[i].pool));
    }
}

static void write_asks(struct graph *graph, const char *from, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->ask_count; i++) {
        const struct sn_ask *ask = &worker->asks[i];

        sn_buffer_printf(&graph->label, "%s: ", ask->role);
        put_message(graph, ask->edge.message);
        put_guard(graph, ask->edge.guard);
        arrow(graph, ARROW_ASK, from, pool_id(graph, ask->edge.pool));
    }
}

static void write_bonds(struct graph *graph, const char *from, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->watch_count; i++) {
        sn_buffer_puts(&graph->label, "watches");
        arrow(graph, ARROW_WATCH, from, pool_id(graph, worker->watches[i].pool));
    }
    for (size_t i = 0; i < worker->link_count; i++) {
        sn_buffer_puts(&graph->label, "linked");
        arrow(graph, ARROW_LINK, from, pool_id(graph, worker->links[i].pool));
    }
}

static void write_spawns(struct graph *graph, const char *from, const struct sn_bond *spawns,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sn_buffer_puts(&graph->label, "spawns");
        arrow(graph, ARROW_SPAWN, from, pool_id(graph, spawns[i].pool));
    }
}

static void write_letters(struct graph *graph, const char *to, const struct sn_worker *worker)
{
    if (!worker->has_dead_letters)
        return;
    for (size_t i = 0; i < worker->dead_count; i++) {
        put_message(graph, worker->dead[i]);
        sn_buffer_puts(&graph->label, ", ");
    }
    sn_buffer_puts(&graph->label, "summaries");
    arrow(graph, ARROW_LETTER, "letters", to);
}

static void write_arrows(struct graph *graph)
{
    const struct sn_package *package = graph->package;

    write_edges(graph, "main", package->edges, package->edge_count);
    write_spawns(graph, "main", package->spawns, package->spawn_count);
    for (size_t i = 0; i < package->pool_count; i++) {
        const struct sn_worker *worker = package->pools[i]->worker;
        const char *id = pool_id(graph, package->pools[i]);

        write_edges(graph, id, worker->edges, worker->edge_count);
        write_asks(graph, id, worker);
        write_bonds(graph, id, worker);
        write_spawns(graph, id, worker->spawns, worker->spawn_count);
        write_letters(graph, id, worker);
    }
    for (size_t i = 0; i < package->phase_count; i++) {
        const struct sn_phase *phase = &package->phases[i];
        const char *id = id_of(graph, "phase", phase->name);

        write_edges(graph, id, phase->asks, phase->ask_count);
        for (size_t k = 0; k < phase->after_count; k++) {
            sn_buffer_puts(&graph->label, "then");
            arrow(graph, ARROW_AFTER, id_of(graph, "phase", phase->after[k]->name), id);
        }
    }
}

/* ---- all of it ------------------------------------------------------------------------------ */

static bool has_letters(const struct sn_package *package)
{
    for (size_t i = 0; i < package->pool_count; i++)
        if (package->pools[i]->worker->has_dead_letters)
            return true;
    return false;
}

/* What sends but is no actor. */
static void write_outside(struct graph *graph)
{
    const struct sn_package *package = graph->package;

    if (package->edge_count + package->spawn_count > 0) {
        sn_buffer_puts(&graph->label, "threads outside");
        place(graph, 0, graph->style->outside, "main");
    }
    if (has_letters(package)) {
        sn_buffer_puts(&graph->label, "dead letters");
        place(graph, 0, graph->style->outside, "letters");
    }
    for (size_t i = 0; i < package->phase_count; i++) {
        sn_buffer_printf(&graph->label, "shutdown: %s\ndeadline ", package->phases[i].name);
        sn_print_duration(&graph->label, package->phases[i].deadline_ns);
        place(graph, 0, graph->style->outside, id_of(graph, "phase", package->phases[i].name));
    }
}

int sn_command_graph(struct sn_invocation *invocation)
{
    const char *as = invocation->values[SN_OPTION_AS];
    struct sn_buffer text = {0};
    struct graph graph = {.out = &text,
                          .arena = invocation->arena,
                          .style = as != NULL && strcmp(as, "dot") == 0 ? &dot : &mermaid};
    const struct sn_model *model;
    int rc = sn_tool_load(invocation, invocation->arguments[0], &model);

    if (rc != SN_EXIT_FINE)
        return rc;
    graph.package = model->package;
    sn_buffer_puts(&text, graph.style->begin);
    write_outside(&graph);
    write_tree(&graph);
    write_arrows(&graph);
    sn_buffer_puts(&text, graph.style->end);
    text.failed |= graph.label.failed;
    sn_buffer_fini(&graph.label);
    return sn_tool_print(&text);
}
