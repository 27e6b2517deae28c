/* SPDX-License-Identifier: MIT */
/**
 * What a new version of a schema breaks for users of the old one.
 */
#ifndef SNGEN_CHECK_DIFF_H
#define SNGEN_CHECK_DIFF_H

#include "base/location.h"
#include "model/model.h"

/* Kinds of breaks; a change may be of several, or of none: then it is compatible. */
enum {
    SN_BREAK_WIRE = 1,      /* programs of the two versions misread or refuse each other */
    SN_BREAK_API = 2,       /* code written for the old version does not build */
    SN_BREAK_SNAPSHOT = 4,  /* retained state that was saved cannot be read */
    SN_BREAK_PARTITION = 8, /* a key may belong to another member: re-sharding */
    SN_BREAK_POLICY = 16,   /* messages are refused, dropped or given up earlier or otherwise */
    SN_BREAK_EDGE = 32,     /* somebody may no longer send what he sent */
    SN_BREAK_KINDS = 6      /* how many there are */
};

struct sn_diff_finding {
    unsigned kinds;              /* 0: compatible */
    const char *subject;         /* what changed, dotted: "transfer.amount", "accounts", "main" */
    const char *text;            /* how */
    struct sn_location location; /* in the new file, or in the old one for what is gone */
};

/* Takes the findings in the order of the old schema, then what is new. */
struct sn_diff_sink {
    void (*found)(struct sn_diff_sink *self, const struct sn_diff_finding *finding);
};

/** The name of kind number `index` (0..SN_BREAK_KINDS - 1): "wire", "api", ... */
const char *sn_break_name(unsigned index);

/**
 * Compare two versions of one package, with what they import.
 *
 * Without memory the arena of `now` knows.
 */
void sn_diff(const struct sn_model *before, const struct sn_model *now, struct sn_diff_sink *sink);

#endif
