/* SPDX-License-Identifier: MIT */
/* The phases of a graceful stop as constant tables. */
#include "emit/emitter.h"

static void emit_after(struct sn_emit *emit, struct sn_buffer *out, const struct sn_phase *phase)
{
    if (phase->after_count == 0)
        return;
    sn_template_write(out, "static const uint8_t ${package}_${name}_after[] = {",
                      SN_SLOTS({"package", emit->package->name}, {"name", phase->name}));
    for (size_t i = 0; i < phase->after_count; i++)
        sn_template_write(
            out, "${comma}${number}",
            SN_SLOTS({"comma", i > 0 ? ", " : ""},
                     {"number",
                      sn_emit_number(emit, (uint64_t)(phase->after[i] - emit->package->phases))}));
    sn_buffer_puts(out, "};\n\n");
}

static void emit_asks(struct sn_emit *emit, struct sn_buffer *out, const struct sn_phase *phase)
{
    sn_template_write(out, "static const struct sn_edge ${package}_${name}_asks[] = {\n",
                      SN_SLOTS({"package", emit->package->name}, {"name", phase->name}));
    for (size_t i = 0; i < phase->ask_count; i++)
        sn_template_write(out, "    {\n${fields}\n    },\n",
                          SN_SLOTS({"fields", sn_emit_edge_fields(emit, &phase->asks[i], 8)}));
    sn_buffer_puts(out, "};\n\n");
}

static void emit_phase(struct sn_emit *emit, struct sn_buffer *out, const struct sn_phase *phase)
{
    static const char text[] = "    {\n"
                               "        .name = \"${name}\",\n"
                               "        ${after}\n"
                               "        .asks = ${package}_${name}_asks,\n"
                               "        .deadline_ns = ${deadline},\n"
                               "        ${after_count}\n"
                               "        .ask_count = ${ask_count},\n"
                               "    },\n";
    const char *after = "", *after_count = "";

    if (phase->after_count > 0) {
        after = sn_emit_printf(emit, ".after = %s_%s_after,", emit->package->name, phase->name);
        after_count = sn_emit_printf(emit, ".after_count = %zu,", phase->after_count);
    }
    sn_template_write(out, text,
                      SN_SLOTS({"name", phase->name}, {"package", emit->package->name},
                               {"after", after}, {"after_count", after_count},
                               {"deadline", sn_emit_time(emit, phase->deadline_ns)},
                               {"ask_count", sn_emit_number(emit, phase->ask_count)}));
}

void sn_emit_phases(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    if (package->phase_count == 0)
        return;
    for (size_t i = 0; i < package->phase_count; i++) {
        emit_after(emit, out, &package->phases[i]);
        emit_asks(emit, out, &package->phases[i]);
    }
    sn_template_write(out, "static const struct sn_phase_type ${package}_phases[] = {\n",
                      SN_SLOTS({"package", package->name}));
    for (size_t i = 0; i < package->phase_count; i++)
        emit_phase(emit, out, &package->phases[i]);
    sn_buffer_puts(out, "};\n\n");
}
