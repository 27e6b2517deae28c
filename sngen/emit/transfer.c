/* SPDX-License-Identifier: MIT */
/*
 * The one shape of all sends and replies: measure and check, get memory, copy, let go.
 *
 * Flat values (fixed size, any bits allowed) are one memcpy; others go through the helpers of
 * their struct. Nothing can fail between getting memory and letting go, so that the runtime never
 * sees a payload that is half written.
 */
#include "emit/emitter.h"

/* How a value is measured: the call, or "" for a flat one. */
static const char *measure_call(struct sn_emit *emit, const struct sn_transfer *transfer)
{
    const struct sn_struct *structure = transfer->structure;

    if (!sn_has_fields(structure))
        return "";
    if (!structure->fixed)
        return sn_emit_printf(emit, "%s(%s, &size)", sn_need_size(emit, structure),
                              transfer->value);
    if (sn_struct_traits(emit, structure).checked)
        return sn_emit_printf(emit, "%s(%s)", sn_need_check(emit, structure), transfer->value);
    return "";
}

static const char *size_of(struct sn_emit *emit, const struct sn_transfer *transfer)
{
    if (!sn_has_fields(transfer->structure))
        return "0";
    return transfer->structure->fixed ? sn_emit_printf(emit, "sizeof *%s", transfer->value)
                                      : "size";
}

static const char *copy_call(struct sn_emit *emit, const struct sn_transfer *transfer)
{
    if (!sn_has_fields(transfer->structure))
        return "";
    if (transfer->structure->fixed)
        return sn_emit_printf(emit, "memcpy(payload, %s, sizeof *%s);", transfer->value,
                              transfer->value);
    return sn_emit_printf(emit, "%s(payload, %s);", sn_need_copy(emit, transfer->structure),
                          transfer->value);
}

/* `return` with the last thing to do. */
static const char *last_line(struct sn_emit *emit, const struct sn_transfer *transfer)
{
    if (transfer->last != NULL)
        return transfer->last;
    if (!transfer->passes_tokens || !sn_has_fields(transfer->structure) ||
        !sn_struct_traits(emit, transfer->structure).tokens)
        return "return 0;";
    return sn_emit_printf(emit, "return %s(self->sn, %s);",
                          sn_need_tokens(emit, transfer->structure, "pass"), transfer->value);
}

void sn_emit_transfer(struct sn_emit *emit, struct sn_buffer *out,
                      const struct sn_transfer *transfer)
{
    const char *measure = measure_call(emit, transfer);
    const char *copy = copy_call(emit, transfer);
    const char *last = last_line(emit, transfer);
    bool is_measured = measure[0] != '\0';
    bool is_long = transfer->end[0] != '\0' || last[7] != '0';
    bool is_sized = sn_has_fields(transfer->structure) && !transfer->structure->fixed;
    const char *begin =
        sn_emit_text(emit, transfer->begin, SN_SLOTS({"size", size_of(emit, transfer)}));
    const char *tail = "    return rc;\n";

    if (!is_measured && !is_long && copy[0] == '\0') {
        sn_template_write(out,
                          "${prototype}\n{\n${locals}\n    void *payload;\n\n"
                          "    return ${begin};\n}\n\n",
                          SN_SLOTS({"prototype", transfer->prototype}, {"locals", transfer->locals},
                                   {"begin", begin}));
        return;
    }
    if (is_long)
        tail = sn_emit_text(emit,
                            "    if (rc != 0)\n"
                            "        return rc;\n"
                            "    ${copy}\n"
                            "    ${end}\n"
                            "    ${last}\n",
                            SN_SLOTS({"copy", copy}, {"end", transfer->end}, {"last", last}));
    else if (copy[0] != '\0')
        tail = sn_emit_text(emit,
                            "    if (rc == 0)\n"
                            "        ${copy}\n"
                            "    return rc;\n",
                            SN_SLOTS({"copy", copy}));
    sn_template_write(out,
                      is_measured
                          ? "${prototype}\n{\n${locals}\n${size}\n    void *payload;\n"
                            "    int rc = ${measure};\n\n"
                            "    if (rc == 0)\n        rc = ${begin};\n    ${after}\n${tail}\n}\n\n"
                          : "${prototype}\n{\n${locals}\n    void *payload;\n"
                            "    int rc = ${begin};\n\n    ${after}\n${tail}\n}\n\n",
                      SN_SLOTS({"prototype", transfer->prototype}, {"locals", transfer->locals},
                               {"size", is_sized ? "    size_t size;" : ""}, {"measure", measure},
                               {"begin", begin}, {"after", transfer->after}, {"tail", tail}));
}
