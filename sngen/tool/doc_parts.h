/* SPDX-License-Identifier: MIT */
/**
 * The parts of `sngen doc`: each writes its chapters, or nothing if the package has none of that.
 */
#ifndef SNGEN_TOOL_DOC_PARTS_H
#define SNGEN_TOOL_DOC_PARTS_H

#include "base/buffer.h"
#include "model/model.h"

struct sn_doc {
    struct sn_buffer *out;
    const struct sn_package *package;
};

/** A paragraph of free text; NULL: nothing. */
void sn_doc_text(struct sn_doc *doc, const char *text);

/** Text inside a table: neither a bar nor a line break may end the cell. NULL: nothing. */
void sn_doc_cell(struct sn_doc *doc, const char *text);

/** A table of fields; nothing without any. @title  what they are: "field", "state". */
void sn_doc_fields(struct sn_doc *doc, const char *title, const struct sn_field *fields,
                   size_t count);

/** What workers, and the threads outside, do. */
void sn_doc_workers(struct sn_doc *doc);
void sn_doc_outside(struct sn_doc *doc);

/** Pools, supervisors and the phases of a stop. */
void sn_doc_system(struct sn_doc *doc);

#endif
