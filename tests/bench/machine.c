/* SPDX-License-Identifier: MIT */
/* The header's facts, from uname(2), /proc and /sys, and the build's own from CMake. */
#include "machine.h"
#include "sn_bench_commit.h"
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#if defined(__clang__)
#define COMPILER_NAME "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER_NAME "gcc " __VERSION__
#else
#define COMPILER_NAME "unknown"
#endif

/* The first line of a file without its newline; false, and @text as it was, without the file. */
static bool read_line(const char *path, char *text)
{
    FILE *file = fopen(path, "re");
    char line[BENCH_TEXT_MAX];
    bool found = file != NULL && fgets(line, sizeof line, file) != NULL;

    if (found) {
        line[strcspn(line, "\n")] = '\0';
        memcpy(text, line, sizeof line);
    }
    if (file != NULL)
        fclose(file);
    return found;
}

/* x86 has "model name : ..."; where there is none, the architecture has to do. */
static void read_model(char *model)
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[BENCH_TEXT_MAX];
    bool found = false;

    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        char *colon = strchr(line, ':');

        found = colon != NULL && colon[1] == ' ' && strncmp(line, "model name", 10) == 0;
        if (found) {
            line[strcspn(line, "\n")] = '\0';
            memmove(model, colon + 2, strlen(colon + 2) + 1);
        }
    }
    if (file != NULL)
        fclose(file);
}

void bench_machine_read(int first_cpu, struct bench_machine *ret_machine)
{
    struct bench_machine *machine = ret_machine;
    struct utsname names;
    char path[BENCH_TEXT_MAX];

    *machine = (struct bench_machine){.model = "unknown",
                                      .kernel = "unknown",
                                      .governor = "none (no cpufreq here)",
                                      .load = "unknown"};
    if (uname(&names) == 0) {
        snprintf(machine->model, BENCH_TEXT_MAX, "%s", names.machine);
        snprintf(machine->kernel, BENCH_TEXT_MAX, "%s %s %s", names.sysname, names.release,
                 names.machine);
    }
    read_model(machine->model);
    snprintf(machine->compiler, BENCH_TEXT_MAX, "%s, %s", COMPILER_NAME, SN_BENCH_FLAGS);
    snprintf(machine->commit, BENCH_TEXT_MAX, "%s", SN_BENCH_COMMIT);
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor",
             first_cpu);
    read_line(path, machine->governor);
    read_line("/proc/loadavg", machine->load);
    machine->cpus_online = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
}

/* The list is like "0,4" or "0-1": any number in it, or inside a range of it, is a sibling. */
static bool is_sibling(const char *list, int cpu)
{
    while (*list != '\0') {
        char *end;
        long low = strtol(list, &end, 10), high = low;

        if (end == list)
            return false;
        if (*end == '-')
            high = strtol(end + 1, &end, 10);
        if (cpu >= low && cpu <= high)
            return true;
        list = *end == ',' ? end + 1 : end;
    }
    return false;
}

/* Move the first CPU that is no hyperthread of cpus[0] to cpus[1]. */
static void prefer_own_core(int *cpus, unsigned count)
{
    char path[BENCH_TEXT_MAX], siblings[BENCH_TEXT_MAX];

    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list",
             cpus[0]);
    if (!read_line(path, siblings))
        return;
    for (unsigned i = 1; i < count; i++) {
        if (!is_sibling(siblings, cpus[i])) {
            int cpu = cpus[i];

            memmove(cpus + 2, cpus + 1, (i - 1) * sizeof *cpus);
            cpus[1] = cpu;
            return;
        }
    }
}

unsigned bench_machine_cpus(int *ret_cpus, unsigned max)
{
    cpu_set_t set;
    unsigned count = 0;

    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 0;
    for (int cpu = 0; cpu < CPU_SETSIZE && count < max; cpu++)
        if (CPU_ISSET((size_t)cpu, &set))
            ret_cpus[count++] = cpu;
    if (count > 1)
        prefer_own_core(ret_cpus, count);
    return count;
}
