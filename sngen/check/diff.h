/* SPDX-License-Identifier: MIT */
/**
 * What a new version of a schema breaks for users of the old one.
 */
#ifndef SNGEN_CHECK_DIFF_H
#define SNGEN_CHECK_DIFF_H

#include "base/location.h"
#include "model/model.h"

/* Kinds of breaks; a change may be of several. */
enum {
    SN_BREAK_WIRE = 1,      /* programs of the two versions misread each other */
    SN_BREAK_API = 2,       /* code written for the old version does not compile */
    SN_BREAK_SNAPSHOT = 4,  /* retained state that was saved cannot be read */
    SN_BREAK_PARTITION = 8, /* a key may belong to another member: re-sharding */
    SN_BREAK_POLICY = 16,   /* a full mailbox behaves differently, or earlier */
    SN_BREAK_EDGE = 32,     /* somebody may no longer send what he sent */
    SN_BREAK_KINDS = 6      /* how many there are */
};

/** The name of kind number `index` (0..SN_BREAK_KINDS - 1): "wire", "api", ... */
const char *sn_break_name(unsigned index);

/* Takes the findings in the order of the old schema. */
struct sn_diff_sink {
    void (*found)(struct sn_diff_sink *self, unsigned kinds, const struct sn_location *location,
                  const char *text);
};

/**
 * Compare two versions of one package.
 *
 * Locations are in the new file, or in the old one for what is gone. Without memory the arena of
 * `now` knows.
 */
void sn_diff(const struct sn_model *before, const struct sn_model *now, struct sn_diff_sink *sink);

#endif
