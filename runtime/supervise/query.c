/* SPDX-License-Identifier: MIT */

/* What the tree tells about itself. Nothing here changes anything. */

#include "supervise/tree.h"

enum sn_child_state sn_position_state(const struct sn_position *position)
{
    const struct sn_supervisor *owner = position->owner;
    bool restarting = false;

    for (const struct sn_chain *link = position->instances.next; link != &position->instances;
         link = link->next) {
        const struct sn_instance *instance = SN_CONTAINER(link, struct sn_instance, link);
        bool retrying = instance->state == SN_INSTANCE_STARTING && instance->retrying;

        if (sn_instance_live(instance) && !retrying)
            return SN_CHILD_RUNNING;
        if (retrying || instance->state == SN_INSTANCE_WAITING)
            restarting = true;
    }
    /* Of a group that waits, only the child that failed counts as restarting. */
    if (owner->culprit && position != owner->culprit)
        restarting = false;
    return restarting ? SN_CHILD_RESTARTING : SN_CHILD_DOWN;
}

static struct sn_child_info describe(const struct sn_position *position)
{
    struct sn_child_info info = {
        .spec = position->spec,
        .state = sn_position_state(position),
        .restarts = position->restarts,
    };

    for (const struct sn_chain *link = position->instances.next; link != &position->instances;
         link = link->next) {
        info.members++;
        info.active += SN_CONTAINER(link, struct sn_instance, link)->state == SN_INSTANCE_UP;
    }
    return info;
}

uint32_t sn_tree_member_bound(const struct sn_tree *tree)
{
    return tree->slot_count;
}

static enum sn_member_state member_state(const struct sn_instance *instance)
{
    switch ((enum sn_instance_state)instance->state) {
    case SN_INSTANCE_STARTING:
        return SN_MEMBER_STARTING;
    case SN_INSTANCE_UP:
        return SN_MEMBER_UP;
    case SN_INSTANCE_STOPPING:
        return SN_MEMBER_STOPPING;
    case SN_INSTANCE_WAITING:
    case SN_INSTANCE_ENDED:
        return SN_MEMBER_WAITING;
    case SN_INSTANCE_DOWN:
        break;
    }
    return SN_MEMBER_ABSENT;
}

int sn_tree_member_info(const struct sn_tree *tree, sn_member member,
                        struct sn_member_info *ret_info)
{
    const struct sn_instance *instance = sn_tree_instance(tree, member);

    if (!instance)
        return SN_NOT_FOUND;
    *ret_info = (struct sn_member_info){
        .pool = instance->position->spec->pool,
        .index = instance->index,
        .incarnation = tree->slots[member.index].incarnation,
        .state = member_state(instance),
    };
    return 0;
}

int sn_tree_member_find(const struct sn_tree *tree, uint32_t pool, uint32_t index,
                        sn_member *ret_member)
{
    const struct sn_position *position = pool < tree->pool_capacity ? tree->pools[pool] : NULL;

    if (!position)
        return SN_NOT_FOUND;
    if (index < position->array_count) {
        ret_member->index = position->array[index].id;
        return 0;
    }
    for (const struct sn_chain *link = position->instances.next; link != &position->instances;
         link = link->next) {
        const struct sn_instance *instance = SN_CONTAINER(link, struct sn_instance, link);

        if (instance->index != index)
            continue;
        ret_member->index = instance->id;
        return 0;
    }
    return SN_NOT_FOUND;
}

int sn_tree_which_children(const struct sn_tree *tree, const char *supervisor,
                           struct sn_tree_visitor *visitor)
{
    const struct sn_supervisor *owner = sn_names_supervisor(tree, supervisor);
    const struct sn_position *position = NULL;

    if (!owner)
        return SN_NOT_FOUND;
    while ((position = sn_position_next(owner, position))) {
        struct sn_child_info info;

        if (position->dropped)
            continue;
        info = describe(position);
        visitor->child(visitor, &info);
    }
    return 0;
}

int sn_tree_find_child(const struct sn_tree *tree, const char *supervisor, const char *child,
                       struct sn_child_info *ret_info)
{
    const struct sn_supervisor *owner = sn_names_supervisor(tree, supervisor);
    const struct sn_position *position = owner ? sn_names_child(owner, child) : NULL;

    if (!position)
        return SN_NOT_FOUND;
    *ret_info = describe(position);
    return 0;
}

int sn_tree_count_children(const struct sn_tree *tree, const char *supervisor,
                           struct sn_child_counts *ret_counts)
{
    const struct sn_supervisor *owner = sn_names_supervisor(tree, supervisor);
    const struct sn_position *position = NULL;
    struct sn_child_counts counts = {.specs = 0};

    if (!owner)
        return SN_NOT_FOUND;
    while ((position = sn_position_next(owner, position))) {
        if (position->dropped)
            continue;
        counts.specs++;
        counts.active += describe(position).active;
        if (position->spec->supervisor)
            counts.supervisors++;
        else
            counts.pools++;
    }
    *ret_counts = counts;
    return 0;
}
