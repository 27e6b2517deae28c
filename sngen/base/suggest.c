/* SPDX-License-Identifier: MIT */
/* Three rows of the distance table suffice, because a swap looks two rows back. */
#include "base/suggest.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_SIZE = 63 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

size_t sn_suggest_distance(const char *left, const char *right)
{
    size_t rows[3][NAME_MAX_SIZE + 1];
    size_t left_size = strlen(left), right_size = strlen(right);

    if (left_size > NAME_MAX_SIZE || right_size > NAME_MAX_SIZE)
        return SIZE_MAX;
    for (size_t j = 0; j <= right_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= left_size; i++) {
        size_t *row = rows[i % 3], *above = rows[(i - 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= right_size; j++) {
            size_t same = left[i - 1] == right[j - 1];

            row[j] = least(above[j] + 1, row[j - 1] + 1, above[j - 1] + !same);
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] &&
                rows[(i - 2) % 3][j - 2] + 1 < row[j])
                row[j] = rows[(i - 2) % 3][j - 2] + 1;
        }
    }
    return rows[left_size % 3][right_size];
}

/* Do both consist of the same letters? Then a swap is likelier than another word. */
static bool same_letters(const char *left, const char *right)
{
    unsigned char counts[256] = {0};

    if (strlen(left) != strlen(right))
        return false;
    for (; *left != '\0'; left++)
        counts[(unsigned char)*left]++;
    for (; *right != '\0'; right++)
        if (counts[(unsigned char)*right]-- == 0)
            return false;
    return true;
}

/* Is one the other with more words before or behind it, as max_restarts and restarts? */
static bool has_words(const char *longer, const char *shorter)
{
    size_t size = strlen(shorter);

    if (size < 4)
        return false;
    for (const char *at = longer; (at = strstr(at, shorter)) != NULL; at++)
        if ((at == longer || at[-1] == '_') && (at[size] == '\0' || at[size] == '_'))
            return true;
    return false;
}

/* Lower is better: twice the distance, less a bonus that decides between equals. */
static size_t score(const char *wanted, const char *candidate, size_t distance)
{
    bool likely = same_letters(wanted, candidate) ||
                  strncmp(wanted, candidate, strlen(wanted)) == 0 ||
                  strncmp(wanted, candidate, strlen(candidate)) == 0;

    return 2 * distance + !likely;
}

void sn_suggest_add(struct sn_suggest *suggest, const char *candidate)
{
    size_t size = strlen(suggest->wanted), other = candidate != NULL ? strlen(candidate) : 0;
    size_t limit = size <= 3 ? 1 : size <= 7 ? 2 : 3;
    size_t distance;

    if (candidate == NULL)
        return;
    if (has_words(suggest->wanted, candidate))
        distance = limit;
    else if (size > other + limit || other > size + limit)
        return;
    else
        distance = strcasecmp(suggest->wanted, candidate) == 0
                       ? 0
                       : sn_suggest_distance(suggest->wanted, candidate);
    if (distance > limit || distance >= other)
        return;
    distance = score(suggest->wanted, candidate, distance);
    if (suggest->best == NULL || distance < suggest->best_distance) {
        suggest->best = candidate;
        suggest->best_distance = distance;
    }
}
