/* SPDX-License-Identifier: MIT */
/*
 * `sngen fmt`: a file in the one form. The result is parsed again and compared
 * with the original before anything is written, so that a mistake of the
 * formatter can cost a refusal but never a value.
 */
#include "base/file.h"
#include "tool/command.h"
#include "yaml/format.h"

#include <stdio.h>
#include <string.h>

static int report(struct sn_diags *diags)
{
    struct sn_buffer text = {0};

    sn_diags_finish(diags);
    sn_diags_write_text(diags, &text);
    if (text.size > 0)
        fwrite(text.data, 1, text.size, stderr);
    sn_buffer_fini(&text);
    return SN_EXIT_INPUT;
}

/* How many comments there are: none may be lost. */
static size_t count_hashes(const char *text, size_t size)
{
    size_t count = 0;

    for (size_t i = 0; i < size; i++)
        count += text[i] == '#';
    return count;
}

static bool is_right(struct sn_invocation *invocation, const struct sn_node *root, const char *text,
                     size_t size, const struct sn_buffer *out)
{
    struct sn_diags *diags = sn_diags_create(invocation->arena);
    const struct sn_node *again =
        diags != NULL ? sn_yaml_parse(invocation->arena, diags, "", out->data, out->size) : NULL;

    return again != NULL && sn_diags_errors(diags) == 0 && sn_yaml_same(root, again) &&
           count_hashes(text, size) == count_hashes(out->data, out->size);
}

static int write_result(struct sn_invocation *invocation, const char *path, const char *text,
                        size_t size, struct sn_buffer *out)
{
    bool same = size == out->size && memcmp(text, out->data, size) == 0;
    bool standard = strcmp(path, "-") == 0;
    int rc;

    if (invocation->values[SN_OPTION_CHECK] != NULL) {
        if (!same)
            printf("%s\n", path);
        return same ? SN_EXIT_FINE : SN_EXIT_INPUT;
    }
    if (standard)
        return fwrite(out->data, 1, out->size, stdout) == out->size ? SN_EXIT_FINE : SN_EXIT_SYSTEM;
    rc = same ? 0 : sn_file_write(invocation->arena, path, out->data, out->size, NULL);
    if (rc == 0)
        return SN_EXIT_FINE;
    sn_tool_complain("cannot write '%s': %s", path, strerror(-rc));
    return SN_EXIT_SYSTEM;
}

static int format_text(struct sn_invocation *invocation, const char *path, const char *text,
                       size_t size)
{
    struct sn_diags *diags = sn_diags_create(invocation->arena);
    const struct sn_node *root;
    struct sn_buffer out = {0};
    int rc;

    if (diags == NULL)
        return sn_tool_no_memory();
    sn_diags_add_source(diags, path, text, size);
    root = sn_yaml_parse(invocation->arena, diags, path, text, size);
    if (sn_arena_failed(invocation->arena))
        return sn_tool_no_memory();
    if (root == NULL || sn_diags_errors(diags) > 0)
        return report(diags);
    if (sn_yaml_format(invocation->arena, root, text, size, &out) &&
        is_right(invocation, root, text, size, &out)) {
        rc = write_result(invocation, path, text, size, &out);
    } else {
        sn_tool_complain("'%s' has a form that fmt cannot change safely; it is left as it is",
                         path);
        rc = SN_EXIT_INPUT;
    }
    sn_buffer_fini(&out);
    return rc;
}

int sn_command_fmt(struct sn_invocation *invocation)
{
    int worst = SN_EXIT_FINE;

    for (size_t i = 0; i < invocation->argument_count; i++) {
        const char *path = invocation->arguments[i], *text;
        size_t size;
        int rc = sn_file_read(invocation->arena, path, SN_YAML_FILE_MAX_BYTES, &text, &size);

        if (rc != 0) {
            sn_tool_complain("cannot read '%s': %s", path, strerror(-rc));
            rc = SN_EXIT_SYSTEM;
        } else {
            rc = format_text(invocation, path, text, size);
        }
        worst = rc > worst ? rc : worst;
    }
    return worst;
}
