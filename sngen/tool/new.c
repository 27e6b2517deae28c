/* SPDX-License-Identifier: MIT */
/*
 * `sngen new`: a complete project that builds, runs and tests itself. The files
 * are templates in which @ stands for the package's name; nothing that exists
 * is overwritten.
 */
#include "base/file.h"
#include "lang/reserved.h"
#include "lang/value.h"
#include "tool/command.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* % stands for the path of the JSON Schema. */
static const char schema_text[] = "# yaml-language-server: $schema=%\n"
                                  "sngen: 1\n"
                                  "package: @\n"
                                  "doc: Adds up numbers.\n"
                                  "\n"
                                  "workers:\n"
                                  "  counter:\n"
                                  "    doc: Adds up what it is sent.\n"
                                  "    state: {sum: i64}\n"
                                  "    handles:\n"
                                  "      add: {fields: {amount: i64}}\n"
                                  "      total: {reply: {value: i64}}\n"
                                  "\n"
                                  "main: {calls: [counter]}\n";

static const char cmake_text[] = "cmake_minimum_required(VERSION 3.20)\n"
                                 "project(@ LANGUAGES C)\n"
                                 "\n"
                                 "find_package(sn 0.1 REQUIRED)\n"
                                 "enable_testing()\n"
                                 "\n"
                                 "add_executable(@ main.c counter.c)\n"
                                 "add_executable(test_counter test_counter.c counter.c)\n"
                                 "sn_generate(TARGET @ SCHEMAS @.yaml)\n"
                                 "sn_generate(TARGET test_counter SCHEMAS @.yaml WITH tests)\n"
                                 "foreach(target @ test_counter)\n"
                                 "    target_link_libraries(${target} PRIVATE sn::runtime)\n"
                                 "    set_target_properties(${target} PROPERTIES C_STANDARD 11)\n"
                                 "endforeach()\n"
                                 "add_test(NAME counter COMMAND test_counter)\n";

static const char handlers_text[] =
    "/* The handlers of the worker \"counter\". */\n"
    "#include \"@.h\"\n"
    "\n"
    "int @_counter_on_add(struct @_counter *self, const struct @_add *message)\n"
    "{\n"
    "    self->sum += message->amount;\n"
    "    return 0;\n"
    "}\n"
    "\n"
    "int @_counter_on_total(struct @_counter *self, @_total_reply_to to)\n"
    "{\n"
    "    return @_counter_reply_total(self, to, &(struct @_total_reply){.value = self->sum});\n"
    "}\n";

static const char main_text[] =
    "/* Adds up the numbers on the command line. */\n"
    "#include \"@.h\"\n"
    "\n"
    "#include <inttypes.h>\n"
    "#include <stdio.h>\n"
    "#include <stdlib.h>\n"
    "\n"
    "int main(int argc, char **argv)\n"
    "{\n"
    "    struct @_total_reply total = {0};\n"
    "    struct @ *app;\n"
    "    int rc = @_start(NULL, &app);\n"
    "\n"
    "    for (int i = 1; rc == 0 && i < argc; i++)\n"
    "        rc = @_send_counter_add(app, &(struct @_add){.amount = strtoll(argv[i], NULL, 10)});\n"
    "    if (rc == 0)\n"
    "        rc = @_call_counter_total(app, &total);\n"
    "    if (rc == 0)\n"
    "        printf(\"%\" PRId64 \"\\n\", total.value);\n"
    "    return @_stop(app) != 0 || rc != 0;\n"
    "}\n";

static const char test_text[] =
    "/* The counter alone: its handlers one by one, without a thread. */\n"
    "#include \"@_counter_test.h\"\n"
    "\n"
    "#include <stdio.h>\n"
    "\n"
    "int main(void)\n"
    "{\n"
    "    struct @_counter_test counter;\n"
    "    const struct @_total_reply *total = NULL;\n"
    "    @_total_reply_to to;\n"
    "    int rc = @_counter_test_start(NULL, &counter);\n"
    "\n"
    "    for (int i = 1; rc == 0 && i <= 100; i++)\n"
    "        rc = @_counter_test_on_add(&counter, &(struct @_add){.amount = i});\n"
    "    if (rc == 0)\n"
    "        rc = @_counter_test_on_total(&counter, &to);\n"
    "    if (rc == 0)\n"
    "        rc = @_counter_test_answered_total(&counter, to, &total);\n"
    "    if (rc != 0 || total->value != 5050) {\n"
    "        fprintf(stderr, \"expected 5050, got %lld (result %d)\\n\",\n"
    "                total != NULL ? (long long)total->value : 0, rc);\n"
    "        rc = 1;\n"
    "    }\n"
    "    @_counter_test_stop(&counter);\n"
    "    return rc != 0;\n"
    "}\n";

static const char readme_text[] = "# @\n"
                                  "\n"
                                  "    cmake -S . -B build\n"
                                  "    cmake --build build\n"
                                  "    ctest --test-dir build\n"
                                  "    build/@ 1 2 3\n"
                                  "\n"
                                  "`@.yaml` describes the program; `counter.c` is what it does. "
                                  "After a change to the YAML, `sngen\n"
                                  "stubs @.yaml` prints the handlers that are missing.\n";

static const struct {
    const char *name; /* with @ */
    const char *text;
    bool is_schema; /* only there % is replaced */
} files[] = {{"@.yaml", schema_text, true},        {"CMakeLists.txt", cmake_text, false},
             {"counter.c", handlers_text, false},  {"main.c", main_text, false},
             {"test_counter.c", test_text, false}, {"README.md", readme_text, false},
             {".gitignore", "build/\n", false}};

static const char *fill(struct sn_invocation *invocation, const char *text, const char *package,
                        const char *schema)
{
    struct sn_buffer filled = {0};
    const char *result;

    for (; *text != '\0'; text++) {
        if (*text == '@')
            sn_buffer_puts(&filled, package);
        else if (*text == '%' && schema != NULL)
            sn_buffer_puts(&filled, schema);
        else
            sn_buffer_append(&filled, text, 1);
    }
    if (filled.failed)
        sn_arena_fail(invocation->arena);
    result = filled.failed ? "" : sn_arena_text(invocation->arena, filled.data, filled.size);
    sn_buffer_fini(&filled);
    return result;
}

static const char *schema_path(struct sn_invocation *invocation)
{
    const char *path =
        sn_arena_printf(invocation->arena, "%s/sn.schema.json", invocation->own_schemas);
    char whole[PATH_MAX];

    if (realpath(path, whole) == NULL)
        return path;
    return sn_arena_text(invocation->arena, whole, strlen(whole));
}

static bool check_name(const char *name)
{
    const char *owner = sn_reserved_by(name);
    char better[SN_NAME_MAX_BYTES + 1];

    if (owner == NULL && strncmp(name, "sn_", 3) == 0)
        owner = "a prefix of the runtime";
    if (owner == NULL && strcmp(name, "sn") == 0)
        owner = "the prefix of the runtime";
    if (sn_value_is_name(name) && owner == NULL)
        return true;
    if (owner != NULL)
        sn_tool_complain("'%s' is %s; choose another name", name, owner);
    else if (sn_value_make_name(name, better))
        sn_tool_complain("'%s' is not a name; how about '%s'?", name, better);
    else
        sn_tool_complain("'%s' is not a name: lower-case words joined by single '_'", name);
    return false;
}

static int write_project(struct sn_invocation *invocation, const char *folder, const char *name)
{
    const char *schema = schema_path(invocation);

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const char *path = sn_arena_printf(invocation->arena, "%s/%s", folder,
                                           fill(invocation, files[i].name, name, NULL));
        const char *text =
            fill(invocation, files[i].text, name, files[i].is_schema ? schema : NULL);
        int rc;

        if (sn_arena_failed(invocation->arena))
            return sn_tool_no_memory();
        rc = sn_file_write(invocation->arena, path, text, strlen(text), NULL);
        if (rc != 0) {
            sn_tool_complain("cannot write '%s': %s", path, strerror(-rc));
            return SN_EXIT_SYSTEM;
        }
        printf("wrote %s\n", path);
    }
    printf(
        "\nNext: cd %s && cmake -S . -B build && cmake --build build && ctest --test-dir build\n",
        folder);
    return SN_EXIT_FINE;
}

int sn_command_new(struct sn_invocation *invocation)
{
    const char *name = invocation->arguments[0], *output = invocation->values[SN_OPTION_OUTPUT];
    const char *folder = output != NULL ? output : name;

    if (!check_name(name))
        return SN_EXIT_USAGE;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const char *path = sn_arena_printf(invocation->arena, "%s/%s", folder,
                                           fill(invocation, files[i].name, name, NULL));

        if (sn_arena_failed(invocation->arena))
            return sn_tool_no_memory();
        if (access(path, F_OK) == 0) {
            sn_tool_complain("'%s' exists already; nothing was written", path);
            return SN_EXIT_SYSTEM;
        }
    }
    return write_project(invocation, folder, name);
}
