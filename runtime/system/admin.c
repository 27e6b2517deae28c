/* SPDX-License-Identifier: MIT */
/*
 * The admin interface: threads outside ask, the tree on shard 0 answers.
 *
 * A request travels as an envelope of its port to shard 0. There it becomes an event of the tree,
 * whose token is the address of the envelope; the envelope waits in `asked` until the tree answers,
 * and then carries the answer back, so that an answer needs no memory. Only a list does, because a
 * thread outside must be able to free it.
 *
 * The names in an event must live as long as the request. So the port looks a child up in the
 * specification, which is constant and to be read by any thread, and sends what it found there.
 */
#include "system/system.h"

#include <errno.h>
#include <sn/admin.h>
#include <string.h>

/* The payload of SN_ENVELOPE_ADMIN. */
struct request {
    const char *supervisor;
    const struct sn_child_spec *child; /* NULL: the children of the supervisor are listed */
    enum sn_event_kind kind;
};

/* The payload of the answer to a list. */
struct list {
    uint32_t count;
    struct sn_child items[];
};

/* ---- at the port ---------------------------------------------------------------------------- */

/* The schema nests supervisors a few levels deep. NULL: there is no such supervisor. */
static const struct sn_supervisor_spec *find_supervisor(const struct sn_supervisor_spec *below,
                                                        const char *name)
{
    const struct sn_supervisor_spec *found = strcmp(below->name, name) == 0 ? below : NULL;

    for (uint32_t i = 0; found == NULL && i < below->child_count; i++)
        if (below->children[i].supervisor != NULL)
            found = find_supervisor(below->children[i].supervisor, name);
    return found;
}

static bool find_child(const struct sn_supervisor_spec *below, const char *name,
                       struct request *ret_request)
{
    for (uint32_t i = 0; i < below->child_count; i++) {
        const struct sn_child_spec *child = &below->children[i];

        if (strcmp(child->name, name) == 0) {
            ret_request->supervisor = below->name;
            ret_request->child = child;
            return true;
        }
        if (child->supervisor != NULL && find_child(child->supervisor, name, ret_request))
            return true;
    }
    return false;
}

static int ask(struct sn_port *port, const struct request *request, uint64_t timeout_ns,
               const void **ret_reply)
{
    /* A reference on shard 0: the request names no actor. */
    const struct sn_port_order order = {.to = sn_ref_make(0, 0, 0),
                                        .kind = SN_ENVELOPE_ADMIN,
                                        .payload = request,
                                        .payload_size = sizeof *request};
    struct sn_future *future;
    /* Relaxed: one that comes later is answered by a tree that is down. */
    bool stopping = atomic_load_explicit(&port->world->stopping, memory_order_relaxed) != 0;
    int rc = stopping ? SN_GONE : sn_port_order(port, &order, &future);

    if (rc != 0)
        return rc;
    rc = sn_future_wait(&future, timeout_ns, ret_reply);
    sn_future_drop(&future);
    return rc;
}

static int ask_about(struct sn_port *port, enum sn_event_kind kind, const char *child,
                     uint64_t timeout_ns)
{
    struct request request = {.kind = kind};
    const void *reply;

    if (!find_child(port->world->package->supervisors, child, &request))
        return SN_NOT_FOUND;
    return ask(port, &request, timeout_ns, &reply);
}

int sn_child_stop(struct sn_port *port, const char *child, uint64_t timeout_ns)
{
    return ask_about(port, SN_EVENT_TERMINATE_CHILD, child, timeout_ns);
}

int sn_child_restart(struct sn_port *port, const char *child, uint64_t timeout_ns)
{
    return ask_about(port, SN_EVENT_RESTART_CHILD, child, timeout_ns);
}

int sn_child_delete(struct sn_port *port, const char *child, uint64_t timeout_ns)
{
    return ask_about(port, SN_EVENT_DELETE_CHILD, child, timeout_ns);
}

int sn_child_start(struct sn_port *port, const char *child, uint64_t timeout_ns)
{
    return ask_about(port, SN_EVENT_START_CHILD, child, timeout_ns);
}

int sn_child_list(struct sn_port *port, const char *supervisor, uint64_t timeout_ns,
                  struct sn_children *ret_children)
{
    const struct sn_supervisor_spec *spec = port->world->package->supervisors;
    const void *reply = NULL;

    if (supervisor != NULL)
        spec = find_supervisor(spec, supervisor);
    if (spec == NULL)
        return SN_NOT_FOUND;
    int rc = ask(port, &(struct request){.supervisor = spec->name}, timeout_ns, &reply);
    const struct list *list = reply;
    if (rc == 0)
        *ret_children = (struct sn_children){list->items, list->count};
    return rc;
}

/* ---- at the root ---------------------------------------------------------------------------- */

/* Writes a list while the tree is visited. */
struct writer {
    struct sn_tree_visitor visitor;
    const struct sn_world *world;
    struct list *list;
};

/* Members made at run time are no members of the tree, which has a keeper of them on each shard. */
static void count_members(const struct sn_pool *pool, struct sn_child *child)
{
    if (pool->places != NULL)
        /* Relaxed: a figure from some time during the call. */
        child->members = child->active =
            pool->type->size - atomic_load_explicit(&pool->places->left, memory_order_relaxed);
}

static void write_child(struct sn_tree_visitor *visitor, const struct sn_child_info *info)
{
    const struct writer *writer = (const struct writer *)visitor; /* its first member */
    struct sn_child *child = &writer->list->items[writer->list->count++];

    *child = (struct sn_child){.name = info->spec->name,
                               .state = info->state,
                               .is_supervisor = info->spec->supervisor != NULL,
                               .members = info->members,
                               .active = info->active,
                               .restarts = info->restarts};
    if (!child->is_supervisor)
        count_members(&writer->world->pools[info->spec->pool], child);
}

static struct sn_envelope *write_list(const struct sn_tree_root *root, const char *supervisor)
{
    const struct sn_allocator *allocator = root->system->world.allocator;
    struct sn_child_counts counts;
    struct sn_envelope *reply = NULL;

    if (sn_tree_count_children(root->tree, supervisor, &counts) == 0)
        reply = sn_block_alloc_large(allocator, SN_PAYLOAD_OFFSET + sizeof(struct list) +
                                                    counts.specs * sizeof(struct sn_child));
    if (reply == NULL)
        return NULL;
    struct writer writer = {{write_child}, &root->system->world, sn_envelope_payload(reply)};
    writer.list->count = 0;
    sn_tree_which_children(root->tree, supervisor, &writer.visitor);
    *reply = (struct sn_envelope){.owner = (uint16_t)root->shard->index,
                                  .size_class = SN_BLOCK_LARGE,
                                  .kind = SN_ENVELOPE_REPLY,
                                  .lane = SN_LANE_REPLY};
    return reply;
}

static void list_children(struct sn_tree_root *root, struct sn_envelope *envelope)
{
    const struct request *request = sn_envelope_payload(envelope);
    struct sn_envelope *reply = write_list(root, request->supervisor);

    if (reply == NULL) {
        sn_refuse_envelope(root->shard, envelope, -ENOMEM);
        return;
    }
    reply->token = envelope->token;
    sn_envelope_set_outcome(reply, 0);
    sn_reply_send(root->shard, reply);
    sn_shard_free(root->shard, envelope);
}

void sn_admin_request(struct sn_tree_root *root, struct sn_envelope *envelope)
{
    const struct request *request = sn_envelope_payload(envelope);

    if (request->child == NULL) {
        list_children(root, envelope);
        return;
    }
    envelope->next = root->asked;
    root->asked = envelope;
    sn_root_step(root, (struct sn_tree_event){.kind = request->kind,
                                              .token = (uint64_t)(uintptr_t)envelope,
                                              .supervisor = request->supervisor,
                                              .child = request->child->name,
                                              .spec = request->child});
}

enum sn_event_kind sn_admin_kind(const struct sn_envelope *envelope)
{
    return ((const struct request *)(envelope + 1))->kind;
}

void sn_admin_answer(struct sn_tree_root *root, const struct sn_tree_effect *effect)
{
    struct sn_envelope **place = &root->asked;

    while ((uintptr_t)*place != effect->token)
        place = &(*place)->next;
    struct sn_envelope *envelope = *place;
    *place = envelope->next;
    sn_refuse_envelope(root->shard, envelope, effect->result);
}
