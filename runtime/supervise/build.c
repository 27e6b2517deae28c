/* SPDX-License-Identifier: MIT */

/*
 * Making and freeing: the whole tree at creation, single children and members at run time.
 * Everything that can fail for want of memory is here, in names.c and in request.c; once a part
 * exists, running it allocates nothing. What was half built is freed by the function that frees
 * what was built in full.
 */

#include "supervise/tree.h"

#include <errno.h>
#include <string.h>

static int problem(struct sn_tree *tree, const char *text, const char *where)
{
    if (tree->problem)
        *tree->problem = (struct sn_tree_problem){.text = text, .where = where};
    return SN_INVALID;
}

/* A copy of an array with more room, the new part zero. Returns NULL for want of memory. */
static void *grown(const struct sn_tree *tree, void *array, size_t old_size, size_t new_size)
{
    void *copy = sn_alloc_zeroed(tree->allocator, new_size);

    if (copy && array) {
        memcpy(copy, array, old_size);
        sn_alloc_free(tree->allocator, array, old_size);
    }
    return copy;
}

/* ---- member numbers --------------------------------------------------------------------- */

static int take_slot(struct sn_tree *tree, struct sn_instance *instance)
{
    uint32_t id = tree->free_slot;

    if (id != UINT32_MAX) {
        tree->free_slot = tree->slots[id].next_free;
    } else {
        if (tree->slot_count == tree->slot_capacity) {
            uint32_t capacity = tree->slot_capacity ? 2 * tree->slot_capacity : 64;
            struct sn_slot *slots =
                grown(tree, tree->slots, tree->slot_capacity * sizeof(struct sn_slot),
                      capacity * sizeof(struct sn_slot));

            if (!slots)
                return -ENOMEM;
            tree->slots = slots;
            tree->slot_capacity = capacity;
        }
        id = tree->slot_count++;
    }
    tree->slots[id].instance = instance;
    instance->id = id;
    return 0;
}

static void give_slot(struct sn_tree *tree, const struct sn_instance *instance)
{
    if (instance->id == UINT32_MAX)
        return;
    tree->slots[instance->id].instance = NULL;
    tree->slots[instance->id].next_free = tree->free_slot;
    tree->free_slot = instance->id;
}

static int enter_pool(struct sn_tree *tree, uint32_t pool, struct sn_position *position)
{
    if (pool >= tree->pool_capacity) {
        uint32_t capacity = pool + 16;
        struct sn_position **pools =
            grown(tree, tree->pools, tree->pool_capacity * sizeof(struct sn_position *),
                  capacity * sizeof(struct sn_position *));

        if (!pools)
            return -ENOMEM;
        tree->pools = pools;
        tree->pool_capacity = capacity;
    }
    tree->pools[pool] = position;
    return 0;
}

/* ---- positions -------------------------------------------------------------------------- */

static int supervisor_build(struct sn_tree *tree, const struct sn_supervisor_spec *spec,
                            struct sn_instance *self, uint32_t depth,
                            struct sn_supervisor **ret_supervisor);
static void supervisor_free(struct sn_supervisor *supervisor);

static uint32_t instance_count(const struct sn_tree *tree, const struct sn_child_spec *spec)
{
    if (spec->supervisor)
        return 1;
    if (spec->dynamic)
        return 0;
    if (spec->members == 0 && spec->pool < tree->pool_size_count)
        return tree->pool_sizes[spec->pool];
    return spec->members;
}

/* What is wrong with a child in this place of this tree; NULL: nothing. */
static const char *place_problem(const struct sn_supervisor *owner,
                                 const struct sn_child_spec *spec)
{
    const struct sn_tree *tree = owner->tree;
    const char *text = sn_child_problem(owner->spec, spec);

    if (text)
        return text;
    if (sn_names_child(owner, spec->name))
        return "two children of one supervisor have this name";
    if (spec->supervisor)
        return NULL;
    if (spec->pool < tree->pool_capacity && tree->pools[spec->pool])
        return "its pool has another place in the tree";
    if (instance_count(tree, spec) == 0 && !spec->dynamic)
        return "its pool has no size";
    if (instance_count(tree, spec) > SN_TREE_MEMBERS_MAX || spec->members > SN_TREE_MEMBERS_MAX)
        return "its pool is too large";
    return NULL;
}

static void instance_init(struct sn_instance *instance, struct sn_position *position,
                          uint32_t index)
{
    sn_chain_init(&instance->ended_link);
    sn_chain_append(&position->instances, &instance->link);
    instance->position = position;
    instance->index = index;
    instance->id = UINT32_MAX;
}

static struct sn_position *position_create(struct sn_supervisor *owner,
                                           const struct sn_child_spec *spec)
{
    struct sn_tree *tree = owner->tree;
    struct sn_position *position = sn_alloc_zeroed(tree->allocator, sizeof(*position));

    if (!position)
        return NULL;
    position->owner = owner;
    position->spec = spec;
    position->name.text = spec->name;
    position->name.owner = owner;
    position->timer.kind = SN_DEADLINE_POSITION;
    sn_chain_init(&position->instances);
    sn_chain_init(&position->spares);
    sn_chain_init(&position->garbage_link);
    if (sn_names_add(tree, &position->name) != 0) {
        sn_alloc_free(tree->allocator, position, sizeof(*position));
        return NULL;
    }
    position->order = ++owner->order;
    sn_chain_append(&owner->positions, &position->link);
    return position;
}

static int fill(struct sn_position *position, uint32_t count, uint32_t depth)
{
    struct sn_tree *tree = position->owner->tree;
    const struct sn_child_spec *spec = position->spec;

    if (!spec->supervisor && enter_pool(tree, spec->pool, position) != 0)
        return -ENOMEM;
    if (count == 0)
        return 0;
    position->array = sn_alloc_zeroed(tree->allocator, count * sizeof(struct sn_instance));
    if (!position->array)
        return -ENOMEM;
    position->array_count = count;
    for (uint32_t i = 0; i < count; i++)
        instance_init(&position->array[i], position, i);
    if (spec->supervisor)
        return supervisor_build(tree, spec->supervisor, position->array, depth + 1,
                                &position->array->below);
    for (uint32_t i = 0; i < count; i++)
        if (take_slot(tree, &position->array[i]) != 0)
            return -ENOMEM;
    return 0;
}

int sn_position_build(struct sn_supervisor *owner, const struct sn_child_spec *spec, uint32_t depth,
                      struct sn_position **ret_position)
{
    const char *text = place_problem(owner, spec);

    if (text)
        return problem(owner->tree, text, spec->name);

    struct sn_position *position = position_create(owner, spec);

    if (!position)
        return -ENOMEM;

    int rc = fill(position, instance_count(owner->tree, spec), depth);

    if (rc != 0) {
        sn_position_free(position);
        return rc;
    }
    *ret_position = position;
    return 0;
}

/* The instances that were made one by one. */
static void free_singles(struct sn_tree *tree, struct sn_chain *list)
{
    while (!sn_chain_empty(list)) {
        struct sn_instance *instance = SN_CONTAINER(list->next, struct sn_instance, link);

        sn_chain_remove(&instance->link);
        give_slot(tree, instance);
        sn_request_drop(tree, instance->request);
        sn_alloc_free(tree->allocator, instance, sizeof(*instance));
    }
}

void sn_position_free(struct sn_position *position)
{
    struct sn_tree *tree = position->owner->tree;
    const struct sn_child_spec *spec = position->spec;

    for (uint32_t i = 0; i < position->array_count; i++) {
        supervisor_free(position->array[i].below);
        sn_chain_remove(&position->array[i].link);
        give_slot(tree, &position->array[i]);
    }
    sn_alloc_free(tree->allocator, position->array,
                  position->array_count * sizeof(struct sn_instance));
    free_singles(tree, &position->instances);
    free_singles(tree, &position->spares);
    if (!spec->supervisor && spec->pool < tree->pool_capacity &&
        tree->pools[spec->pool] == position)
        tree->pools[spec->pool] = NULL;
    sn_names_remove(tree, &position->name);
    sn_chain_remove(&position->link);
    sn_chain_remove(&position->garbage_link);
    sn_alloc_free(tree->allocator, position, sizeof(*position));
}

int sn_position_grow(struct sn_position *position, struct sn_instance **ret_instance)
{
    struct sn_tree *tree = position->owner->tree;
    struct sn_instance *instance;

    if (!sn_chain_empty(&position->spares)) {
        instance = SN_CONTAINER(position->spares.next, struct sn_instance, link);
        sn_chain_remove(&instance->link);
        sn_chain_append(&position->instances, &instance->link);
        instance->spare = false;
        *ret_instance = instance;
        return 0;
    }
    if (position->index_count == position->spec->members)
        return SN_FULL;
    instance = sn_alloc_zeroed(tree->allocator, sizeof(*instance));
    if (!instance)
        return -ENOMEM;
    if (take_slot(tree, instance) != 0) {
        sn_alloc_free(tree->allocator, instance, sizeof(*instance));
        return -ENOMEM;
    }

    uint32_t id = instance->id;

    instance_init(instance, position, position->index_count++);
    instance->id = id;
    *ret_instance = instance;
    return 0;
}

/* ---- supervisors ------------------------------------------------------------------------ */

static struct sn_supervisor *supervisor_create(struct sn_tree *tree,
                                               const struct sn_supervisor_spec *spec,
                                               struct sn_instance *self)
{
    struct sn_supervisor *supervisor = sn_alloc_zeroed(tree->allocator, sizeof(*supervisor));

    if (!supervisor)
        return NULL;
    supervisor->tree = tree;
    supervisor->spec = spec;
    supervisor->self = self;
    supervisor->name.text = spec->name;
    supervisor->wait.kind = SN_DEADLINE_SUPERVISOR;
    sn_chain_init(&supervisor->positions);
    sn_chain_init(&supervisor->requests);
    sn_chain_init(&supervisor->adds);
    sn_chain_init(&supervisor->garbage);
    sn_chain_init(&supervisor->ended);
    sn_chain_init(&supervisor->wake_link);
    if (sn_names_add(tree, &supervisor->name) != 0) {
        sn_alloc_free(tree->allocator, supervisor, sizeof(*supervisor));
        return NULL;
    }
    return supervisor;
}

static int supervisor_fill(struct sn_supervisor *supervisor, uint32_t depth)
{
    const struct sn_supervisor_spec *spec = supervisor->spec;
    const struct sn_allocator *allocator = supervisor->tree->allocator;
    uint32_t capacity = sn_window_capacity(spec);

    if (capacity > 0) {
        supervisor->window.times_ns = sn_alloc_zeroed(allocator, capacity * sizeof(uint64_t));
        if (!supervisor->window.times_ns)
            return -ENOMEM;
        supervisor->window.capacity = capacity;
    }
    if (spec->child_count == 0)
        return 0;
    supervisor->declared =
        sn_alloc_zeroed(allocator, spec->child_count * sizeof(struct sn_position *));
    if (!supervisor->declared)
        return -ENOMEM;
    for (uint32_t i = 0; i < spec->child_count; i++) {
        int rc = sn_position_build(supervisor, &spec->children[i], depth, &supervisor->declared[i]);

        if (rc != 0)
            return rc;
    }
    return 0;
}

static int supervisor_build(struct sn_tree *tree, const struct sn_supervisor_spec *spec,
                            struct sn_instance *self, uint32_t depth,
                            struct sn_supervisor **ret_supervisor)
{
    const char *text = sn_supervisor_problem(spec);

    if (text)
        return problem(tree, text, spec->name);
    if (depth > SN_TREE_DEPTH_MAX)
        return problem(tree, "supervisors are nested more than 32 deep", spec->name);
    if (sn_names_supervisor(tree, spec->name))
        return problem(tree, "two supervisors have this name", spec->name);

    struct sn_supervisor *supervisor = supervisor_create(tree, spec, self);

    if (!supervisor)
        return -ENOMEM;

    int rc = supervisor_fill(supervisor, depth);

    if (rc != 0) {
        supervisor_free(supervisor);
        return rc;
    }
    *ret_supervisor = supervisor;
    return 0;
}

static void supervisor_free(struct sn_supervisor *supervisor)
{
    if (!supervisor)
        return;

    struct sn_tree *tree = supervisor->tree;

    sn_request_drop_all(supervisor);
    while (!sn_chain_empty(&supervisor->positions))
        sn_position_free(SN_CONTAINER(supervisor->positions.next, struct sn_position, link));
    sn_alloc_free(tree->allocator, supervisor->declared,
                  supervisor->spec->child_count * sizeof(struct sn_position *));
    sn_alloc_free(tree->allocator, supervisor->window.times_ns,
                  supervisor->window.capacity * sizeof(uint64_t));
    sn_names_remove(tree, &supervisor->name);
    sn_chain_remove(&supervisor->wake_link);
    sn_alloc_free(tree->allocator, supervisor, sizeof(*supervisor));
}

/* ---- the tree --------------------------------------------------------------------------- */

static void tree_init(struct sn_tree *tree, const struct sn_tree_options *options,
                      const struct sn_allocator *allocator)
{
    tree->allocator = allocator;
    tree->free_slot = UINT32_MAX;
    sn_chain_init(&tree->awake);
    if (options) {
        tree->random = options->seed;
        tree->pool_sizes = options->pool_sizes;
        tree->pool_size_count = options->pool_sizes ? options->pool_count : 0;
        tree->problem = options->ret_problem;
    }
}

int sn_tree_create(const struct sn_supervisor_spec *root, const struct sn_tree_options *options,
                   struct sn_tree **ret_tree)
{
    const struct sn_allocator *allocator =
        options && options->allocator ? options->allocator : &sn_allocator_system;
    struct sn_tree *tree = sn_alloc_zeroed(allocator, sizeof(*tree));

    if (!tree)
        return -ENOMEM;
    tree_init(tree, options, allocator);

    int rc = supervisor_build(tree, root, NULL, 0, &tree->root);

    if (rc != 0) {
        sn_tree_destroy(tree);
        return rc;
    }
    tree->problem = NULL;
    tree->pool_sizes = NULL;
    tree->pool_size_count = 0;
    *ret_tree = tree;
    return 0;
}

void sn_tree_destroy(struct sn_tree *tree)
{
    if (!tree)
        return;
    supervisor_free(tree->root);
    sn_alloc_free(tree->allocator, tree->slots, tree->slot_capacity * sizeof(struct sn_slot));
    sn_alloc_free(tree->allocator, tree->pools, tree->pool_capacity * sizeof(struct sn_position *));
    sn_names_fini(tree);
    sn_alloc_free(tree->allocator, tree, sizeof(*tree));
}
