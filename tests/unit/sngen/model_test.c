/* SPDX-License-Identifier: MIT */

/* Resolving: what the model of a right schema contains, defaults included. */

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "model/load.h"
#include "model/names.h"

struct fixture {
    struct sn_arena *arena;
    struct sn_diags *diags;
    const struct sn_package *package;
};

static struct fixture load(const char *text)
{
    struct fixture fixture = {.arena = sn_arena_create()};
    struct sn_buffer said = {0};
    const struct sn_model *model;

    fixture.diags = sn_diags_create(fixture.arena);
    model = sn_model_load_text(fixture.arena, fixture.diags, "t.yaml", text, strlen(text), NULL);
    sn_diags_finish(fixture.diags);
    sn_diags_write_text(fixture.diags, &said);
    ck_assert_msg(model != NULL && sn_diags_errors(fixture.diags) == 0, "%s", said.data);
    sn_buffer_fini(&said);
    fixture.package = model->package;
    return fixture;
}

static void end(struct fixture *fixture)
{
    sn_arena_destroy(fixture->arena);
}

static const char counter[] = "sngen: 1\n"
                              "package: tally\n"
                              "workers:\n"
                              "  counter:\n"
                              "    state: {total: i32}\n"
                              "    handles:\n"
                              "      add: {fields: {amount: i32}}\n"
                              "      total: {reply: {value: i32}}\n"
                              "main: {calls: [counter]}\n";

START_TEST(the_smallest_program)
{
    struct fixture fixture = load(counter);
    const struct sn_package *package = fixture.package;
    const struct sn_pool *pool = package->pools[0];

    ck_assert_str_eq(package->name, "tally");
    ck_assert_uint_eq(package->message_count, 2);
    ck_assert_uint_eq(package->messages[0]->number, 1);
    ck_assert_ptr_eq(package->messages[0]->in_place, package->workers[0]);
    ck_assert_uint_eq(package->messages[0]->location.line, 7);
    ck_assert_ptr_null(package->messages[0]->reply);
    ck_assert_uint_eq(package->messages[1]->fields->field_count, 0);
    ck_assert_uint_eq(package->messages[1]->reply->field_count, 1);
    ck_assert(pool->automatic);
    ck_assert_str_eq(pool->name, "counter");
    ck_assert_uint_eq(pool->size, 1);
    ck_assert_uint_eq(pool->mailbox_capacity, 1024);
    ck_assert_uint_eq(pool->shutdown_ns, 5000000000u);
    ck_assert_uint_eq(pool->slot_count, 2);
    ck_assert_uint_eq(package->edge_count, 2);
    ck_assert_int_eq(package->edges[0].verb, SN_VERB_SEND);
    ck_assert_int_eq(package->edges[1].verb, SN_VERB_CALL);
    ck_assert_uint_eq(package->edges[1].deadline_ns, 5000000000u);
    ck_assert(package->edges[0].routed && !package->edges[0].indexed);
    ck_assert_str_eq(package->root->name, "root");
    ck_assert_ptr_eq(package->root->children[0].pool, pool);
    ck_assert_uint_eq(package->root->restarts, 1);
    ck_assert_uint_eq(package->root->window_ns, 5000000000u);
    end(&fixture);
}
END_TEST

static const char shop[] =
    "sngen: 1\n"
    "package: shop\n"
    "constants: {max_name: 32}\n"
    "types:\n"
    "  box: {inside: size, tint: color?, label: name}\n"
    "  size: {width: u32, height: u64, doc: How large.}\n"
    "  color: [red, green]\n"
    "  name: string(max_name)\n"
    "messages:\n"
    "  put: {fields: {key: size, box: box}, reply: {seq: u64}, errors: [busy, lost]}\n"
    "  get: {fields: {id: u64}, reply: {boxes: list(3) of box}, errors: [lost]}\n"
    "  tell: {fields: {many: array(4) of i16}, lane: telemetry}\n"
    "workers:\n"
    "  store:\n"
    "    retain: {count: u64}\n"
    "    handles: [put, get, tell]\n"
    "  front:\n"
    "    handles: {go: {fields: {text: string(8)}}}\n"
    "    calls: {stores.tell: {to: each}}\n"
    "    asks:\n"
    "      keep: {of: stores.put, deadline: 200ms, context: {n: u8}}\n"
    "      look: stores.get\n"
    "pools:\n"
    "  stores:\n"
    "    worker: store\n"
    "    size: 4\n"
    "    route: {by: hash, key: {put: key.height, get: id}}\n"
    "    mailbox: {full: {tell: drop_oldest, put: park(8)}}\n"
    "  more: {worker: store, route: {by: round_robin}, size: auto}\n"
    "supervisors:\n"
    "  deep: {children: [front], restarts: unlimited, backoff: none}\n"
    "  root: {strategy: rest_for_one, restarts: 3 in 60s, children: [stores, deep, more]}\n"
    "main: {calls: {more: , more.put: {to: each, deadline: none}}}\n";

START_TEST(types_are_resolved)
{
    struct fixture fixture = load(shop);
    const struct sn_package *package = fixture.package;
    const struct sn_struct *box, *size;

    /* size, color and name come before box, which needs them. */
    ck_assert_uint_eq(package->declaration_count, 4 + 6);
    size = package->declarations[0].structure;
    ck_assert_str_eq(size->name, "size");
    ck_assert_str_eq(size->doc, "How large.");
    ck_assert_uint_eq(size->field_count, 2);
    ck_assert_uint_eq(size->size_min, 16);
    ck_assert_uint_eq(size->size_max, 16);
    ck_assert(size->fixed);
    ck_assert_str_eq(package->declarations[1].enumeration->name, "color");
    ck_assert_str_eq(package->declarations[2].alias->name, "name");
    box = package->declarations[3].structure;
    ck_assert_str_eq(box->name, "box");
    ck_assert(!box->fixed);
    ck_assert_ptr_eq(box->fields[0].type.structure, size);
    ck_assert(box->fields[1].type.optional);
    ck_assert_int_eq(box->fields[2].type.kind, SN_KIND_STRING);
    ck_assert_uint_eq(box->fields[2].type.max, 32);
    ck_assert_str_eq(box->fields[2].type.constant->name, "max_name");
    ck_assert_str_eq(box->fields[2].type.alias->name, "name");
    ck_assert_uint_eq(box->size_min, 16 + 8 + 16);
    ck_assert_uint_eq(box->size_max, 16 + 8 + 16 + 40);
    end(&fixture);
}
END_TEST

START_TEST(errors_are_shared)
{
    struct fixture fixture = load(shop);
    const struct sn_package *package = fixture.package;

    ck_assert_uint_eq(package->error_count, 2);
    ck_assert_int_eq(package->errors[0]->number, 1000);
    ck_assert_ptr_eq(package->messages[0]->errors[1], package->messages[1]->errors[0]);
    end(&fixture);
}
END_TEST

START_TEST(pools_know_keys_and_policies)
{
    struct fixture fixture = load(shop);
    const struct sn_pool *stores = fixture.package->pools[0];

    ck_assert(stores->keyed);
    ck_assert_int_eq(stores->key_kind, SN_KIND_U64);
    ck_assert_uint_eq(stores->slots[0].path_count, 2);
    ck_assert_str_eq(stores->slots[0].path[0]->name, "key");
    ck_assert_str_eq(stores->slots[0].path[1]->name, "height");
    ck_assert_uint_eq(stores->slots[2].path_count, 0);
    ck_assert_int_eq(stores->slots[0].full, SN_FULL_PARK);
    ck_assert_uint_eq(stores->slots[0].park, 8);
    ck_assert_int_eq(stores->slots[1].full, SN_FULL_REJECT);
    ck_assert_int_eq(stores->slots[2].full, SN_FULL_DROP_OLDEST);
    ck_assert(fixture.package->pools[1]->size_auto);
    ck_assert(!fixture.package->pools[1]->keyed);
    ck_assert_str_eq(fixture.package->pools[2]->name, "front");
    end(&fixture);
}
END_TEST

START_TEST(edges_are_complete)
{
    struct fixture fixture = load(shop);
    const struct sn_package *package = fixture.package;
    const struct sn_ask *asks = package->workers[1]->asks;

    ck_assert_uint_eq(package->edge_count, 3);
    ck_assert_str_eq(package->edges[0].message->name, "get");
    ck_assert_uint_eq(package->edges[0].deadline_ns, 5000000000u);
    ck_assert(!package->edges[0].each && package->edges[0].indexed);
    ck_assert_str_eq(package->edges[2].message->name, "put"); /* only the exact one */
    ck_assert(package->edges[2].each && package->edges[2].indexed);
    ck_assert_uint_eq(package->edges[2].deadline_ns, SN_NO_TIME_LIMIT);
    ck_assert_uint_eq(asks[0].edge.deadline_ns, 200000000u);
    ck_assert_uint_eq(asks[0].context->field_count, 1);
    ck_assert_ptr_eq(asks[0].edge.slot, &package->pools[0]->slots[0]);
    ck_assert_ptr_null(asks[1].context);
    ck_assert_str_eq(asks[1].role, "look");
    end(&fixture);
}
END_TEST

START_TEST(the_tree_is_ordered)
{
    struct fixture fixture = load(shop);
    const struct sn_package *package = fixture.package;

    ck_assert_uint_eq(package->supervisor_count, 2);
    ck_assert_ptr_eq(package->supervisors[0], package->root);
    ck_assert_int_eq(package->root->strategy, SN_REST_FOR_ONE);
    ck_assert_uint_eq(package->root->child_count, 3);
    ck_assert_ptr_eq(package->root->children[1].supervisor, package->supervisors[1]);
    ck_assert(package->supervisors[1]->restarts_unlimited);
    ck_assert_uint_eq(package->supervisors[1]->backoff_max_ns, 0);
    ck_assert_ptr_eq(package->supervisors[1]->parent, package->root);
    end(&fixture);
}
END_TEST

START_TEST(names_are_formed)
{
    struct fixture fixture = load(shop);
    const struct sn_package *package = fixture.package;
    struct sn_arena *arena = fixture.arena;

    ck_assert_str_eq(sn_name_constant(arena, package->constants[0]), "SHOP_MAX_NAME");
    ck_assert_str_eq(sn_name_struct(arena, package->messages[0]->reply), "shop_put_reply");
    ck_assert_str_eq(sn_name_edge(arena, package, &package->edges[2], "call", SN_FORM_ALL),
                     "shop_call_more_put_all");
    ck_assert_str_eq(
        sn_name_ask(arena, package->workers[1], &package->workers[1]->asks[0], SN_FORM_AT),
        "shop_front_ask_keep_at");
    ck_assert_str_eq(sn_name_field_max(arena, package->messages[1]->reply,
                                       &package->messages[1]->reply->fields[0]),
                     "SHOP_GET_REPLY_BOXES_MAX");
    ck_assert_str_eq(sn_name_guard(arena, "shop_front.h"), "SHOP_FRONT_H");
    end(&fixture);
}
END_TEST

START_TEST(a_range_has_its_members)
{
    struct fixture fixture =
        load("sngen: 1\npackage: p\n"
             "workers: {w: {handles: {put: {fields: {id: i32}}}}}\n"
             "pools: {p: {worker: w, route: {by: range, key: id, splits: [-100, 0, 4k]}}}\n");
    const struct sn_pool *pool = fixture.package->pools[0];

    ck_assert_uint_eq(pool->size, 4);
    ck_assert_uint_eq(pool->split_count, 3);
    ck_assert(pool->splits[0].negative);
    ck_assert_uint_eq(pool->splits[0].number, 100);
    ck_assert(!pool->splits[1].negative);
    ck_assert_uint_eq(pool->splits[2].number, 4096);
    end(&fixture);
}
END_TEST

START_TEST(docs_cannot_end_a_comment)
{
    struct fixture fixture = load("sngen: 1\npackage: p\ndoc: \"a */ b /* c\"\n");

    ck_assert_str_eq(fixture.package->doc, "a * / b / * c");
    end(&fixture);
}
END_TEST

START_TEST(a_byte_order_mark_is_no_part_of_the_text)
{
    struct fixture fixture = load("\xef\xbb\xbfsngen: 1\npackage: p\n");

    ck_assert_str_eq(fixture.package->name, "p");
    end(&fixture);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sngen/model");
    TCase *tests = tcase_create("model");
    SRunner *runner = srunner_create(suite);

    tcase_add_test(tests, the_smallest_program);
    tcase_add_test(tests, types_are_resolved);
    tcase_add_test(tests, errors_are_shared);
    tcase_add_test(tests, pools_know_keys_and_policies);
    tcase_add_test(tests, edges_are_complete);
    tcase_add_test(tests, the_tree_is_ordered);
    tcase_add_test(tests, names_are_formed);
    tcase_add_test(tests, a_range_has_its_members);
    tcase_add_test(tests, docs_cannot_end_a_comment);
    tcase_add_test(tests, a_byte_order_mark_is_no_part_of_the_text);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
