/* SPDX-License-Identifier: MIT */
/**
 * Manual pages: text into the man macros of roff.
 */
#ifndef SNGEN_BASE_ROFF_H
#define SNGEN_BASE_ROFF_H

#include "base/buffer.h"

/** A heading: .SH NAME */
void sn_roff_heading(struct sn_buffer *out, const char *text);

/** A lower heading: .SS text */
void sn_roff_subheading(struct sn_buffer *out, const char *text);

/** A paragraph. */
void sn_roff_paragraph(struct sn_buffer *out, const char *text);

/** An entry of a list: its term in bold, then an argument in italics (or NULL), then its text. */
void sn_roff_entry(struct sn_buffer *out, const char *term, const char *argument, const char *text);

/** Lines that stay as they are. */
void sn_roff_example(struct sn_buffer *out, const char *text);

/** Text with what roff would act on made harmless. */
void sn_roff_text(struct sn_buffer *out, const char *text);

#endif
