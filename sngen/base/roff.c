/* SPDX-License-Identifier: MIT */
/* The few man(7) macros that our pages use; see groff_man(7). */
#include "base/roff.h"

#include <string.h>

void sn_roff_text(struct sn_buffer *out, const char *text)
{
    bool line_start = true;

    for (; *text != '\0'; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            sn_buffer_puts(out, "\\&");
        if (*text == '\\')
            sn_buffer_puts(out, "\\e");
        else if (*text == '-')
            sn_buffer_puts(out, "\\-");
        else
            sn_buffer_append(out, text, 1);
        line_start = *text == '\n';
    }
}

void sn_roff_heading(struct sn_buffer *out, const char *text)
{
    sn_buffer_printf(out, ".SH %s\n", text);
}

void sn_roff_subheading(struct sn_buffer *out, const char *text)
{
    sn_buffer_puts(out, ".SS ");
    sn_roff_text(out, text);
    sn_buffer_puts(out, "\n");
}

void sn_roff_paragraph(struct sn_buffer *out, const char *text)
{
    sn_buffer_puts(out, ".PP\n");
    sn_roff_text(out, text);
    sn_buffer_puts(out, "\n");
}

void sn_roff_entry(struct sn_buffer *out, const char *term, const char *argument, const char *text)
{
    sn_buffer_puts(out, ".TP\n\\fB");
    sn_roff_text(out, term);
    sn_buffer_puts(out, "\\fR");
    if (argument != NULL) {
        sn_buffer_puts(out, " \\fI");
        sn_roff_text(out, argument);
        sn_buffer_puts(out, "\\fR");
    }
    sn_buffer_puts(out, "\n");
    sn_roff_text(out, text);
    sn_buffer_puts(out, "\n");
}

void sn_roff_example(struct sn_buffer *out, const char *text)
{
    size_t size = strlen(text);

    sn_buffer_puts(out, ".PP\n.RS 4\n.nf\n");
    sn_roff_text(out, text);
    if (size == 0 || text[size - 1] != '\n')
        sn_buffer_puts(out, "\n");
    sn_buffer_puts(out, ".fi\n.RE\n");
}
