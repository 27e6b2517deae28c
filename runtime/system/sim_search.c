/* SPDX-License-Identifier: MIT */
/*
 * Which faults a failure needs: delta debugging over the numbers of a run's faults.
 *
 * A run is a child process, so that it may abort or hang. How many faults it planned until it
 * failed comes back through shared memory. The faults are then left out by halves, quarters and so
 * on, as long as what remains still fails; the list that is left is one from which no single part
 * of the last size tried can be taken. It costs a bounded number of runs.
 */
#include "system/sim.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMEOUT_S = 60, RUNS_MAX = 300, RANGE_TEXT = 24 };

struct search {
    const struct sn_sim_harness *harness;
    struct sn_sim_options options;
    uint32_t *planned; /* shared with the child */
    uint32_t *numbers; /* of the faults that are left */
    uint32_t *trial;   /* what is tried instead */
    uint32_t count;
    uint32_t runs;
};

/* Returns the child's status, or -errno. */
static int run(struct search *search, int *ret_status)
{
    const struct sn_sim_harness *harness = search->harness;
    pid_t child;

    search->runs++;
    *search->planned = 0;
    fflush(NULL);
    child = fork();
    if (child < 0)
        return -errno;
    if (child == 0) {
        signal(SIGALRM, SIG_DFL); /* a test framework may have a handler of its own */
        alarm(harness->timeout_s > 0 ? harness->timeout_s : TIMEOUT_S);
        exit(harness->run(&search->options, harness->user) != 0);
    }
    while (waitpid(child, ret_status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

/* "3,17-20": NULL when there is no memory. */
static char *list_of(const uint32_t *numbers, uint32_t count)
{
    size_t size = (size_t)count * RANGE_TEXT + 1, used = 0;
    char *text = malloc(size);

    if (text == NULL)
        return NULL;
    text[0] = '\0';
    for (uint32_t i = 0; i < count;) {
        uint32_t first = i;

        while (++i < count && numbers[i] == numbers[i - 1] + 1)
            ;
        used +=
            (size_t)snprintf(text + used, size - used, "%s%u", used > 0 ? "," : "", numbers[first]);
        if (i - first > 1)
            used += (size_t)snprintf(text + used, size - used, "-%u", numbers[i - 1]);
    }
    return text;
}

/* Whether it still fails with these faults only. Returns 1, 0 or -errno. */
static int fails_with(struct search *search, const uint32_t *numbers, uint32_t count)
{
    char *list = list_of(numbers, count);
    int status = 0;

    if (list == NULL)
        return -ENOMEM;
    search->options.faults = list;
    int rc = run(search, &status);
    search->options.faults = NULL;
    free(list);
    return rc != 0 ? rc : status != 0;
}

/* Leave out one of `parts`. Returns as fails_with(). */
static int leave_out(struct search *search, uint32_t part, uint32_t parts)
{
    uint32_t from = (uint32_t)((uint64_t)search->count * part / parts);
    uint32_t to = (uint32_t)((uint64_t)search->count * (part + 1) / parts);

    memcpy(search->trial, search->numbers, from * sizeof *search->trial);
    memcpy(search->trial + from, search->numbers + to,
           (search->count - to) * sizeof *search->trial);
    int rc = fails_with(search, search->trial, search->count - (to - from));
    if (rc != 1)
        return rc;
    search->count -= to - from;
    memcpy(search->numbers, search->trial, search->count * sizeof *search->numbers);
    return 1;
}

/* Section 3 of the paper, by complements only: a subset that fails alone is found by them too. */
static int minimise(struct search *search)
{
    uint32_t runs_max = search->harness->runs_max > 0 ? search->harness->runs_max : RUNS_MAX;
    uint32_t parts = 1;

    while (search->count > 0) {
        bool shorter = false;

        for (uint32_t part = 0; part < parts && search->count > 0;) {
            int rc = search->runs < runs_max ? leave_out(search, part, parts) : 0;

            if (rc < 0)
                return rc;
            shorter |= rc == 1;
            if (rc == 0)
                part++;
            else if (parts > 1)
                parts--;
        }
        if (search->runs >= runs_max || (!shorter && parts >= search->count))
            break;
        if (!shorter)
            parts = 2 * parts < search->count ? 2 * parts : search->count;
        else if (parts > search->count)
            parts = search->count;
    }
    return 0;
}

/* The faults that the failed run had. */
static int begin(struct search *search, uint32_t planned)
{
    search->numbers = calloc(planned + 1u, sizeof *search->numbers);
    search->trial = calloc(planned + 1u, sizeof *search->trial);
    if (search->numbers == NULL || search->trial == NULL)
        return -ENOMEM;
    for (uint32_t i = 1; i <= planned; i++)
        if (sn_sim_is_listed(search->options.faults, i))
            search->numbers[search->count++] = i;
    return 0;
}

static int examine(struct search *search, struct sn_sim_verdict *verdict)
{
    int rc = run(search, &verdict->status);

    if (rc != 0 || verdict->status == 0)
        return rc;
    verdict->failed = true;
    verdict->planned = *search->planned;
    rc = begin(search, verdict->planned);
    if (rc == 0)
        rc = minimise(search);
    if (rc != 0)
        return rc;
    verdict->needed = search->count;
    verdict->faults = list_of(search->numbers, search->count);
    return verdict->faults != NULL ? 0 : -ENOMEM;
}

int sn_sim_search(const struct sn_sim_harness *harness, const struct sn_sim_options *options,
                  struct sn_sim_verdict *ret_verdict)
{
    struct search search = {.harness = harness, .options = *options};
    void *shared = mmap(NULL, sizeof *search.planned, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    *ret_verdict = (struct sn_sim_verdict){0};
    if (shared == MAP_FAILED)
        return -errno;
    search.planned = shared;
    search.options.ret_faults = search.planned;
    int rc = examine(&search, ret_verdict);
    ret_verdict->runs = search.runs;
    free(search.numbers);
    free(search.trial);
    munmap(shared, sizeof *search.planned);
    return rc;
}
