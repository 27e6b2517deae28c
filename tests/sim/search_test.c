/* SPDX-License-Identifier: MIT */
/*
 * The search for the faults that matter, on runs that fail by arithmetic.
 */
#include <check.h>
#include <signal.h>
#include <sn/sim.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PLANNED = 40 };

/* What a run needs to fail, and how it fails. */
struct program {
    const char *needs; /* one character a fault: '1' is needed; NULL: nothing is */
    enum { PASSES, SAYS_SO, ABORTS, HANGS } end;
};

static bool is_in(const char *list, unsigned number)
{
    char *rest;

    if (list == NULL)
        return true;
    for (; *list != '\0'; list = *rest == ',' ? rest + 1 : rest) {
        unsigned long first = strtoul(list, &rest, 10);
        unsigned long last = *rest == '-' ? strtoul(rest + 1, &rest, 10) : first;

        if (number >= first && number <= last)
            return true;
    }
    return false;
}

static int run(const struct sn_sim_options *options, void *user)
{
    const struct program *program = user;

    *options->ret_faults = PLANNED;
    for (unsigned i = 0; program->needs != NULL && program->needs[i] != '\0'; i++)
        if (program->needs[i] == '1' && !is_in(options->faults, i + 1))
            return 0;
    if (program->end == ABORTS)
        kill(getpid(), SIGKILL); /* as abort(), without its core file */
    while (program->end == HANGS)
        pause();
    return program->end != PASSES;
}

static struct sn_sim_verdict search(struct program program, const char *faults, uint32_t runs_max)
{
    struct sn_sim_harness harness = {
        .run = run, .user = &program, .timeout_s = 1, .runs_max = runs_max};
    struct sn_sim_options options = {.faults = faults};
    struct sn_sim_verdict verdict;

    ck_assert_int_eq(sn_sim_search(&harness, &options, &verdict), 0);
    return verdict;
}

static void expect(struct sn_sim_verdict verdict, const char *faults, uint32_t needed)
{
    ck_assert(verdict.failed);
    ck_assert_uint_eq(verdict.planned, PLANNED);
    ck_assert_str_eq(verdict.faults, faults);
    ck_assert_uint_eq(verdict.needed, needed);
    free(verdict.faults);
}

START_TEST(a_run_that_holds_needs_no_search)
{
    struct sn_sim_verdict verdict = search((struct program){.end = PASSES}, NULL, 0);

    ck_assert(!verdict.failed);
    ck_assert_uint_eq(verdict.runs, 1);
    ck_assert_ptr_null(verdict.faults);
}
END_TEST

START_TEST(what_fails_without_faults_needs_none)
{
    expect(search((struct program){.end = SAYS_SO}, NULL, 0), "", 0);
}
END_TEST

START_TEST(the_shortest_list_is_found)
{
    expect(search((struct program){"001", SAYS_SO}, NULL, 0), "3", 1);
    expect(search((struct program){"0010000000000001100000001", SAYS_SO}, NULL, 0), "3,16-17,25",
           4);
    expect(search((struct program){"1111111111111111111111111111111111111111", ABORTS}, NULL, 0),
           "1-40", PLANNED);
}
END_TEST

START_TEST(a_list_given_is_where_it_begins)
{
    expect(search((struct program){"0000000001", SAYS_SO}, "2,8-12,30", 0), "10", 1);
}
END_TEST

START_TEST(runs_that_die_or_hang_have_failed)
{
    struct sn_sim_verdict verdict = search((struct program){"01", ABORTS}, NULL, 0);

    ck_assert_int_eq(WTERMSIG(verdict.status), SIGKILL);
    expect(verdict, "2", 1);
    verdict = search((struct program){.end = HANGS}, "", 0);
    ck_assert_int_eq(WTERMSIG(verdict.status), SIGALRM);
    expect(verdict, "", 0);
}
END_TEST

START_TEST(after_so_many_runs_it_takes_what_it_has)
{
    struct sn_sim_verdict verdict = search((struct program){"0000000001001", SAYS_SO}, NULL, 6);

    ck_assert_uint_eq(verdict.runs, 6);
    ck_assert_uint_gt(verdict.needed, 2);
    ck_assert_uint_lt(verdict.needed, PLANNED);
    ck_assert(is_in(verdict.faults, 10) && is_in(verdict.faults, 13));
    free(verdict.faults);
}
END_TEST

START_TEST(an_event_is_a_line)
{
    struct sn_sim_event event = {.step = 412,
                                 .now_ns = SN_SECOND + 16384,
                                 .shard = 1,
                                 .pool = "lefts",
                                 .index = 2,
                                 .message = "job"};
    char text[SN_SIM_TEXT_SIZE];

    sn_sim_event_text(&event, text, sizeof text);
    ck_assert_str_eq(text, "[   412] 1.000016384 shard 1  lefts[2] job -> 0");
    event.outcome = SN_FAILED;
    event.crashed = true;
    sn_sim_event_text(&event, text, sizeof text);
    ck_assert_str_eq(text, "[   412] 1.000016384 shard 1  lefts[2] job -> SN_FAILED (crashed)");
    event.fault = 7;
    event.message = "stall";
    sn_sim_event_text(&event, text, sizeof text);
    ck_assert_str_eq(text, "[   412] 1.000016384 shard 1  fault 7: stall");
    sn_sim_event_text(&event, text, 10); /* cut off, and ended */
    ck_assert_str_eq(text, "[   412] ");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("search");
    TCase *tests = tcase_create("search");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_add_test(tests, a_run_that_holds_needs_no_search);
    tcase_add_test(tests, what_fails_without_faults_needs_none);
    tcase_add_test(tests, the_shortest_list_is_found);
    tcase_add_test(tests, a_list_given_is_where_it_begins);
    tcase_add_test(tests, runs_that_die_or_hang_have_failed);
    tcase_add_test(tests, after_so_many_runs_it_takes_what_it_has);
    tcase_add_test(tests, an_event_is_a_line);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
