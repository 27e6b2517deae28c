/* SPDX-License-Identifier: MIT */
/*
 * What a handler may ask of its own actor: <sn/actor.h>.
 */
#include "shard/shard.h"

#include "registry/registry.h"

#include <errno.h>
#include <string.h>

uint64_t sn_now(const struct sn_actor *actor)
{
    return actor->shard->now_ns;
}

uint64_t sn_random(struct sn_actor *actor)
{
    return sn_router_random(&actor->shard->router);
}

sn_ref sn_self(const struct sn_actor *actor)
{
    return actor->ref;
}

uint32_t sn_self_index(const struct sn_actor *actor)
{
    return actor->index;
}

uint32_t sn_self_shard(const struct sn_actor *actor)
{
    return actor->shard->index;
}

sn_ref sn_source(const struct sn_actor *actor)
{
    const struct sn_envelope *envelope = actor->shard->turn.envelope;

    return envelope != NULL ? envelope->source : (sn_ref){0};
}

uint64_t sn_sent_ns(const struct sn_actor *actor)
{
    const struct sn_envelope *envelope = actor->shard->turn.envelope;

    return envelope != NULL ? envelope->sent_ns : actor->shard->now_ns;
}

/* What the incarnation's end needs to take a name back; the text follows. */
struct registration {
    struct sn_actor *actor;
    size_t size;
};

static void unregister(void *resource)
{
    struct registration *registration = resource;
    struct sn_actor *actor = registration->actor;

    sn_registry_remove(actor->shard->world->registry, (const char *)(registration + 1),
                       registration->size, actor->ref.value);
    sn_free(actor, registration);
}

int sn_register(struct sn_actor *actor, struct sn_string name)
{
    struct registration *registration;

    if (name.size == 0 || name.size > SN_REGISTRY_MAX_NAME_BYTES)
        return -EINVAL;
    registration = sn_alloc(actor, sizeof *registration + name.size);
    if (registration == NULL)
        return -ENOMEM;
    *registration = (struct registration){actor, name.size};
    memcpy(registration + 1, name.data, name.size);
    int rc = sn_defer(actor, unregister, registration);
    if (rc == 0) {
        rc = sn_registry_insert(actor->shard->world->registry, name.data, name.size,
                                actor->ref.value);
        if (rc != 0)
            sn_undefer(actor, registration);
    }
    if (rc != 0)
        sn_free(actor, registration);
    return rc;
}
