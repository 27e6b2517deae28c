/* SPDX-License-Identifier: MIT */
/*
 * `sngen graph`: who sends what to whom, and who restarts whom. Pools are
 * nodes, supervisors the boxes around them, and all edges between the same two
 * are one arrow with the names of its messages; requests end with a '?'.
 *
 * The walk is the same for Mermaid and DOT; `struct style` holds the words.
 */
#include "model/print.h"
#include "tool/command.h"

#include <string.h>

struct style {
    const char *begin;
    const char *end;
    const char *box_begin; /* name, name, strategy */
    const char *box_end;
    const char *outside;
    const char *node;  /* name, name, worker, size */
    const char *arrow; /* from, messages, to */
    const char *ask;
};

static const struct style mermaid = {
    .begin = "flowchart LR\n",
    .end = "",
    .box_begin = "subgraph supervisor_%s[\"%s: %s\"]\n",
    .box_end = "end\n",
    .outside = "main([threads outside])\n",
    .node = "pool_%s[\"%s<br/>%s x %s\"]\n",
    .arrow = "%s -- \"%s\" --> pool_%s\n",
    .ask = "%s -. \"%s\" .-> pool_%s\n",
};

static const struct style dot = {
    .begin = "digraph topology {\n  rankdir=LR;\n  node [shape=box];\n",
    .end = "}\n",
    .box_begin = "subgraph cluster_%s { label=\"%s: %s\";\n",
    .box_end = "}\n",
    .outside = "main [label=\"threads outside\", shape=oval];\n",
    .node = "pool_%s [label=\"%s\\n%s x %s\"];\n",
    .arrow = "%s -> pool_%3$s [label=\"%2$s\"];\n",
    .ask = "%s -> pool_%3$s [label=\"%2$s\", style=dashed];\n",
};

struct graph {
    struct sn_buffer *out;
    struct sn_arena *arena;
    const struct sn_package *package;
    const struct style *style;
};

/* A line in the form that the style has for it. */
static void line(struct graph *graph, unsigned depth, const char *format, const char *first,
                 const char *second, const char *third, const char *fourth)
{
    const char *words[] = {first, second, third, fourth};
    size_t next = 0;

    sn_buffer_fill(graph->out, ' ', 2 * (size_t)depth + 2);
    for (; *format != '\0'; format++) {
        if (format[0] != '%') {
            sn_buffer_append(graph->out, format, 1);
        } else if (format[1] == 's') {
            sn_buffer_puts(graph->out, words[next++]);
            format++;
        } else { /* %3$s */
            sn_buffer_puts(graph->out, words[format[1] - '1']);
            format += 3;
        }
    }
}

static void write_pool(struct graph *graph, unsigned depth, const struct sn_pool *pool)
{
    const char *size =
        pool->size_auto ? "a shard" : sn_arena_printf(graph->arena, "%u", (unsigned)pool->size);

    line(graph, depth, graph->style->node, pool->name, pool->name, pool->worker->name, size);
}

/* The boxes, nested; supervisors may be as deep as the file allows, so no recursion. */
static void write_tree(struct graph *graph)
{
    const struct sn_supervisor *at = graph->package->root;
    size_t *next = sn_arena_array(graph->arena, graph->package->supervisor_count + 1, sizeof *next);
    unsigned depth = 0;

    if (at == NULL || next == NULL)
        return;
    line(graph, depth, graph->style->box_begin, at->name, at->name, sn_strategy_word(at->strategy),
         NULL);
    while (at != NULL) {
        if (next[depth] == at->child_count) {
            line(graph, depth, graph->style->box_end, NULL, NULL, NULL, NULL);
            at = at->parent;
            depth -= depth > 0;
        } else if (at->children[next[depth]].pool != NULL) {
            write_pool(graph, depth + 1, at->children[next[depth]++].pool);
        } else {
            at = at->children[next[depth]++].supervisor;
            next[++depth] = 0;
            line(graph, depth, graph->style->box_begin, at->name, at->name,
                 sn_strategy_word(at->strategy), NULL);
        }
    }
}

/* All sends and calls from one place, an arrow for each pool. */
static void write_arrows(struct graph *graph, const char *from, const struct sn_edge *edges,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *messages = "";
        bool again = false;

        for (size_t k = 0; k < i && !again; k++)
            again = edges[k].pool == edges[i].pool;
        for (size_t k = i; k < count && !again; k++)
            if (edges[k].pool == edges[i].pool)
                messages = sn_arena_printf(graph->arena, "%s%s%s%s", messages,
                                           *messages ? ", " : "", edges[k].message->name,
                                           edges[k].message->reply != NULL ? "?" : "");
        if (!again)
            line(graph, 0, graph->style->arrow, from, messages, edges[i].pool->name, NULL);
    }
}

static void write_asks(struct graph *graph, const char *from, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->ask_count; i++) {
        const struct sn_ask *ask = &worker->asks[i];

        line(graph, 0, graph->style->ask, from,
             sn_arena_printf(graph->arena, "%s: %s?", ask->role, ask->edge.message->name),
             ask->edge.pool->name, NULL);
    }
}

static void write_graph(struct graph *graph)
{
    const struct sn_package *package = graph->package;

    sn_buffer_puts(graph->out, graph->style->begin);
    if (package->edge_count > 0)
        line(graph, 0, graph->style->outside, NULL, NULL, NULL, NULL);
    write_tree(graph);
    write_arrows(graph, "main", package->edges, package->edge_count);
    for (size_t i = 0; i < package->pool_count; i++) {
        const struct sn_worker *worker = package->pools[i]->worker;
        const char *from = sn_arena_printf(graph->arena, "pool_%s", package->pools[i]->name);

        write_arrows(graph, from, worker->edges, worker->edge_count);
        write_asks(graph, from, worker);
    }
    sn_buffer_puts(graph->out, graph->style->end);
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
    write_graph(&graph);
    return sn_tool_print(&text);
}
