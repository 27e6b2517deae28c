/* SPDX-License-Identifier: MIT */
/*
 * Diagnostics as JSON, for editors and CI: one object with a version, so that
 * readers can tell when its form changes, and an array in the order of the text.
 */
#include "base/diag_list.h"

static void write_place(const struct sn_location *location, struct sn_buffer *out)
{
    if (location->file != NULL) {
        sn_buffer_puts(out, "\"file\": ");
        sn_buffer_json(out, location->file);
        sn_buffer_puts(out, ", ");
    }
    sn_buffer_printf(out, "\"line\": %u, \"column\": %u, \"length\": %u", (unsigned)location->line,
                     (unsigned)location->column,
                     (unsigned)(location->length > 0 ? location->length : 1));
}

static void write_notes(const struct sn_diag *diag, struct sn_buffer *out)
{
    sn_buffer_puts(out, ", \"notes\": [");
    for (const struct sn_diag_note *note = diag->notes; note != NULL; note = note->next) {
        sn_buffer_puts(out, "{");
        write_place(&note->location, out);
        sn_buffer_puts(out, ", \"message\": ");
        sn_buffer_json(out, note->text);
        sn_buffer_puts(out, note->next != NULL ? "}, " : "}");
    }
    sn_buffer_puts(out, "]");
}

static void write_diag(const struct sn_diag *diag, struct sn_buffer *out)
{
    sn_buffer_puts(out, "{");
    write_place(&diag->location, out);
    sn_buffer_printf(out, ", \"severity\": \"%s\", \"code\": \"%s\", \"message\": ",
                     diag->severity == SN_SEVERITY_ERROR ? "error" : "warning",
                     sn_code_info(diag->code)->name);
    sn_buffer_json(out, diag->text);
    if (diag->help != NULL) {
        sn_buffer_puts(out, ", \"help\": ");
        sn_buffer_json(out, diag->help);
    }
    write_notes(diag, out);
    sn_buffer_puts(out, "}");
}

void sn_diags_write_json(const struct sn_diags *diags, struct sn_buffer *out)
{
    sn_buffer_printf(out, "{\"version\": 1, \"hidden\": %zu, \"diagnostics\": [", diags->hidden);
    for (size_t i = 0; i < diags->count; i++) {
        sn_buffer_puts(out, i == 0 ? "\n  " : ",\n  ");
        write_diag(&diags->items[i], out);
    }
    sn_buffer_puts(out, diags->count > 0 ? "\n]}\n" : "]}\n");
}
