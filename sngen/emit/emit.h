/* SPDX-License-Identifier: MIT */
/**
 * From a model to C.
 *
 * The model must have passed check/: emit/ reports nothing about a schema, it only writes. One
 * run gives, for FILE = <stem>.yaml with `package: P`, <stem>.sn.c, <stem>.sn.h, P.h and one
 * P_W.h a worker; with messages that say `wire: true` also <stem>.wire.sn.c and P.proto; and for
 * each import that is not one of sngen's own schemas its headers, byte by byte as its own run would
 * write them.
 */
#ifndef SNGEN_EMIT_EMIT_H
#define SNGEN_EMIT_EMIT_H

#include "base/buffer.h"
#include "model/model.h"

#include <stdbool.h>
#include <stddef.h>

/* Where generated files go. */
struct sn_emit_sink {
    /**
     * Take one complete file.
     *
     * @name  without a folder; lives during the call, as does the text.
     *
     * Returns  0; anything else ends the run with that result.
     */
    int (*file)(struct sn_emit_sink *sink, const char *name, const char *text, size_t size_bytes);
};

/* What is written. */
struct sn_emit_options {
    const char *own_schemas; /* the folder of sngen's own schemas, whose headers come with the
                                library; NULL: there are none */
    bool fuzzers; /* also a program that fuzzes each worker, and each codec; and `tests` */
    bool sim;     /* also <stem>.sim.c, which simulates the package */
    bool tests;   /* also P_W_test.h for each worker, and its functions in the unit */
};

/**
 * Write all files of a package.
 *
 * @options  NULL: all defaults.
 *
 * Returns  0; -ENOMEM; what the sink returned. After a failure the sink has some files.
 * Threads  any; two models at once are fine.
 */
int sn_emit_package(const struct sn_model *model, const struct sn_emit_options *options,
                    struct sn_emit_sink *sink);

/**
 * The names of the files that sn_emit_package() would write, one a line.
 *
 * Returns  0 or -ENOMEM.
 */
int sn_emit_file_names(const struct sn_model *model, const struct sn_emit_options *options,
                       struct sn_buffer *ret_names);

/* What `sngen stubs` knows of the user's folder. */
struct sn_emit_stubs_folder {
    /**
     * Read a file of the folder.
     *
     * @ret_text  the whole file, to be freed by free(); NULL if there is none.
     *
     * Returns  0 (also when there is none) or -errno.
     */
    int (*read)(struct sn_emit_stubs_folder *folder, const char *name, char **ret_text);
    /** All C text of the folder, to search for what exists already; lives with the folder. */
    const char *text;
};

/**
 * Give the handlers that a user must write and has not written yet.
 *
 * For a worker whose file <worker>.c does not exist the sink gets the whole file. For one that
 * exists nothing is written: `ret_report` gets bodies to paste for what is missing, and the names
 * of functions that are there but no longer declared.
 *
 * Returns  0; -ENOMEM; what the sink or the folder returned.
 */
int sn_emit_stubs(const struct sn_model *model, struct sn_emit_stubs_folder *folder,
                  struct sn_emit_sink *sink, struct sn_buffer *ret_report);

#endif
