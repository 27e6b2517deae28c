/* SPDX-License-Identifier: MIT */
/**
 * What travels to other machines: the structs and enums that messages with `wire: true` are made
 * of, and how large they can get as bytes and while they are decoded.
 */
#ifndef SNGEN_MODEL_WIRE_H
#define SNGEN_MODEL_WIRE_H

#include "base/arena.h"
#include "base/map.h"
#include "model/model.h"

/* One struct, with sizes in bytes; SN_UNBOUNDED: there is no maximum, or none below 2^64. */
struct sn_wire_struct {
    const struct sn_struct *structure;
    uint64_t encoded_max; /* most that encode writes */
    uint64_t foreign_max; /* most that decode accepts, without unknown fields that it drops */
    uint64_t counters;    /* of the check: for one of each struct that is open */
    uint64_t tree;        /* what protobuf-c makes of it */
    uint64_t memory;      /* enough for any call of encode or decode */
};

struct sn_wire_set {
    const struct sn_wire_struct **structs; /* each behind those that it contains */
    size_t struct_count;
    const struct sn_enum **enums; /* in the order of their first use */
    size_t enum_count;
    struct sn_map by_name; /* struct sn_wire_struct by the struct's name in C */
    struct sn_arena *arena;
};

/**
 * Collect all that travels for a package, types of imports included.
 *
 * Returns  0 or -1 without memory.
 * Owns     the arena.
 */
int sn_wire_collect(struct sn_arena *arena, const struct sn_package *package,
                    struct sn_wire_set *ret_set);

/** Whether a package has anything for the wire. */
bool sn_wire_is_used(const struct sn_package *package);

/** Whether a package gives a struct functions: it is a message or reply marked there, and has
 * fields. */
bool sn_wire_has_codec(const struct sn_package *package, const struct sn_struct *structure);

/** The entry of a struct that travels. */
const struct sn_wire_struct *sn_wire_find(const struct sn_wire_set *set,
                                          const struct sn_struct *structure);

#endif
