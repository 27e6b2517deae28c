/* SPDX-License-Identifier: MIT */
/*
 * Messages for the wire: what they hold must mean something on another machine and have a
 * maximum; and their names, which lose their underscores in a .proto, must still differ there.
 */
#include "check/checks.h"

#include "base/map.h"
#include "model/names.h"
#include "model/wire.h"

#include <inttypes.h>

struct wire {
    const struct sn_package *package;
    struct sn_arena *arena;
    struct sn_diags *diags;
    struct sn_map seen;  /* structs that were looked at, by their C name */
    struct sn_map names; /* struct claim by the name in the .proto */
};

/* What a kind is if it cannot travel; NULL if it can. */
static const char *homebound(enum sn_kind kind)
{
    return kind == SN_KIND_REF        ? "a reference to an actor"
           : kind == SN_KIND_REPLY_TO ? "the right to answer a request"
           : kind == SN_KIND_C        ? "a C type"
                                      : NULL;
}

static void check_struct(struct wire *wire, const struct sn_struct *structure,
                         const struct sn_message *message);

static void check_type(struct wire *wire, const struct sn_field *field, const struct sn_type *type,
                       const struct sn_message *message)
{
    bool sized =
        type->kind == SN_KIND_STRING || type->kind == SN_KIND_BYTES || type->kind == SN_KIND_LIST;

    if (homebound(type->kind) != NULL) {
        sn_diag_error(wire->diags, SN_CODE_WIRE, &type->location,
                      "'%s' is %s, which means nothing on another machine", field->name,
                      homebound(type->kind));
        sn_diag_note(wire->diags, &message->location, "'%s' says `wire: true`", message->name);
        sn_diag_help(wire->diags, "send something that both sides know, such as a key");
    }
    if (sized && type->max == SN_UNBOUNDED) {
        sn_diag_error(wire->diags, SN_CODE_WIRE, &type->location,
                      "'%s' has no maximum, and comes from other machines", field->name);
        sn_diag_note(wire->diags, &message->location, "'%s' says `wire: true`", message->name);
        sn_diag_help(wire->diags, "give it a number: memory is set aside before foreign bytes are "
                                  "looked at");
    }
    if (type->of != NULL)
        check_type(wire, field, type->of, message);
    if (type->kind == SN_KIND_STRUCT)
        check_struct(wire, type->structure, message);
}

static void check_struct(struct wire *wire, const struct sn_struct *structure,
                         const struct sn_message *message)
{
    if (structure == NULL ||
        sn_map_put(&wire->seen, sn_name_struct(wire->arena, structure), structure) != NULL)
        return;
    for (size_t i = 0; i < structure->field_count; i++)
        check_type(wire, &structure->fields[i], &structure->fields[i].type, message);
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* Who has a name in the .proto. */
struct claim {
    const char *name; /* in the schema */
    const struct sn_location *location;
};

static void check_name(struct wire *wire, const char *proto_name, const char *name,
                       const struct sn_location *location)
{
    struct claim *claim = sn_arena_alloc(wire->arena, sizeof *claim);
    const struct claim *first;

    if (claim == NULL)
        return;
    *claim = (struct claim){.name = name, .location = location};
    first = sn_map_put(&wire->names, proto_name, claim);
    if (first == NULL)
        return;
    sn_diag_error(wire->diags, SN_CODE_COLLISION, location,
                  "'%s' and '%s' would both be '%s' in %s.proto", first->name, name, proto_name,
                  wire->package->name);
    sn_diag_note(wire->diags, first->location, "'%s' is declared here", first->name);
    sn_diag_help(wire->diags, "rename one of them");
}

static void check_enum_names(struct wire *wire, const struct sn_enum *enumeration)
{
    check_name(wire, sn_name_proto_enum(wire->arena, wire->package, enumeration), enumeration->name,
               &enumeration->location);
    for (size_t i = 0; i < enumeration->value_count; i++) {
        const struct sn_enum_value *value = &enumeration->values[i];

        check_name(wire, sn_name_proto_enum_value(wire->arena, wire->package, enumeration, value),
                   value->name, &value->location);
    }
}

static void check_size(struct wire *wire, const struct sn_wire_struct *entry)
{
    const struct sn_struct *structure = entry->structure;

    /* Only unbounded fields give no number, and those were reported. */
    if (structure->origin == SN_STRUCT_TYPE || structure->size_max == SN_UNBOUNDED ||
        entry->foreign_max <= INT32_MAX)
        return;
    sn_diag_error(wire->diags, SN_CODE_WIRE, &structure->location,
                  "%s'%s' can take %" PRIu64 " bytes on the wire, past the 2 GiB of protobuf",
                  structure->origin == SN_STRUCT_REPLY ? "the reply of " : "", structure->name,
                  entry->foreign_max);
    sn_diag_help(wire->diags, "lower the maxima of its fields");
}

static void check_package(struct wire *wire)
{
    const struct sn_package *package = wire->package;
    struct sn_wire_set set;

    for (size_t i = 0; i < package->message_count; i++) {
        const struct sn_message *message = package->messages[i];

        if (!message->wire)
            continue;
        check_struct(wire, message->fields, message);
        check_struct(wire, message->reply, message);
    }
    if (sn_wire_collect(wire->arena, package, &set) != 0)
        return; /* the arena remembers */
    for (size_t i = 0; i < set.struct_count; i++) {
        const struct sn_struct *structure = set.structs[i]->structure;

        check_name(wire, sn_name_proto_struct(wire->arena, package, structure), structure->name,
                   &structure->location);
        check_size(wire, set.structs[i]);
    }
    for (size_t i = 0; i < set.enum_count; i++)
        check_enum_names(wire, set.enums[i]);
}

void sn_check_wire(const struct sn_model *model, struct sn_diags *diags)
{
    for (size_t i = 0; i < model->package_count; i++) {
        struct wire wire = {.package = model->packages[i], .arena = model->arena, .diags = diags};

        sn_map_init(&wire.seen, wire.arena);
        sn_map_init(&wire.names, wire.arena);
        check_package(&wire);
    }
}
