/* SPDX-License-Identifier: MIT */
/*
 * Opening and closing ports. A port that is closed stays with the system and is given out again:
 * its blocks may still be on their way back, and late completions may still look at its futures.
 */
#include "system/system.h"

#include <errno.h>

static int new_port(struct sn_system *system, bool shared, struct sn_port **ret_port)
{
    struct sn_world *world = &system->world;
    uint32_t place = world->shard_count + system->port_count;
    struct sn_port *port;

    if (place >= SN_PLACES_MAX)
        return -EMFILE;
    port = sn_alloc_zeroed(world->allocator, sizeof *port);
    if (port == NULL)
        return -ENOMEM;
    port->system = system;
    int rc = sn_port_init(port, world, place, shared);
    if (rc != 0) {
        sn_port_fini(port);
        sn_alloc_free(world->allocator, port, sizeof *port);
        return rc;
    }
    port->next = system->ports;
    system->ports = port;
    system->port_count++;
    *ret_port = port;
    return 0;
}

/* A port that was closed; its next use begins where the last ended. */
static struct sn_port *closed_port(struct sn_system *system)
{
    struct sn_port *port = system->ports;

    while (port != NULL && !port->closed)
        port = port->next;
    if (port != NULL)
        port->closed = false;
    return port;
}

int sn_system_open_port(struct sn_system *system, bool shared, struct sn_port **ret_port)
{
    int rc = 0;

    pthread_mutex_lock(&system->lock);
    *ret_port = closed_port(system);
    if (*ret_port == NULL)
        rc = new_port(system, shared, ret_port);
    pthread_mutex_unlock(&system->lock);
    return rc;
}

int sn_port_open(struct sn_port *port, struct sn_port **ret_port)
{
    return sn_system_open_port(sn_port_system(port), false, ret_port);
}

void sn_port_close(struct sn_port *port)
{
    struct sn_system *system;

    if (port == NULL)
        return;
    system = sn_port_system(port);
    sn_port_flush(port);
    sn_replies_fini(&port->replies, port->world->allocator);
    pthread_mutex_lock(&system->lock);
    port->closed = true;
    pthread_mutex_unlock(&system->lock);
}

void sn_system_free_ports(struct sn_system *system)
{
    while (system->ports != NULL) {
        struct sn_port *port = system->ports;

        system->ports = port->next;
        sn_port_fini(port);
        sn_alloc_free(system->world.allocator, port, sizeof *port);
    }
}
