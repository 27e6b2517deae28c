/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a file, before YAML looks at them. libyaml would guess UTF-16,
 * count U+0085 and U+2028 as line breaks (so that our line numbers would not be
 * the editor's) and stop at the first bad byte without a useful place.
 */
#include "yaml/yaml_parts.h"

#include "base/utf8.h"

struct scan {
    struct sn_diags *diags;
    struct sn_location at;
    const char *text;
    size_t size;
    size_t offset;
};

static unsigned byte_at(const struct scan *scan, size_t ahead)
{
    return scan->offset + ahead < scan->size ? (unsigned char)scan->text[scan->offset + ahead] : 0;
}

static bool refuse(const struct scan *scan, const char *what)
{
    sn_diag_error(scan->diags, SN_CODE_YAML_ENCODING, &scan->at, "%s", what);
    return false;
}

/* One character that is valid UTF-8: may it stand in a schema? */
static bool check_character(const struct scan *scan, uint32_t c)
{
    if (c == 0)
        return refuse(scan, "the file contains a NUL byte; is it a text file in UTF-8?");
    if (c == '\r' && byte_at(scan, 1) != '\n')
        return refuse(scan, "a carriage return without a line feed");
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
        return refuse(scan, "a control character");
    if (c == 0x85 || c == 0x2028 || c == 0x2029)
        return refuse(scan, "an invisible line break (U+0085, U+2028 or U+2029)");
    if (sn_utf8_is_bidi(c))
        return refuse(scan, "a character that changes the direction of text (it can hide code)");
    if (c == 0xfeff)
        return refuse(scan, "a byte order mark inside the text");
    return true;
}

bool sn_yaml_check_text(struct sn_diags *diags, const char *file, const char *text,
                        size_t size_bytes, size_t most_bytes)
{
    struct scan scan = {.diags = diags,
                        .at = {.file = file, .line = 1, .column = 1},
                        .text = text,
                        .size = size_bytes};

    if (size_bytes > most_bytes) {
        scan.at.line = 0;
        sn_diag_error(diags, SN_CODE_FILE_SIZE, &scan.at,
                      "the file is larger than %zu MiB (%zu bytes)", most_bytes >> 20, size_bytes);
        return false;
    }
    while (scan.offset < size_bytes) {
        uint32_t character = 0;
        size_t size = sn_utf8_decode(text + scan.offset, size_bytes - scan.offset, &character);

        if (size == 0)
            return refuse(&scan, "the file is not valid UTF-8 here");
        if (!check_character(&scan, character))
            return false;
        scan.offset += size;
        scan.at.column++;
        if (character == '\n') {
            scan.at.line++;
            scan.at.column = 1;
        }
    }
    return true;
}
