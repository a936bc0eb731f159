/* Multi with the C client: all operations or none, each with its result. */
#include "checks.h"

static char path[8][64];
static struct Stat stats[8];
static zoo_op_result_t results[1000];
static zoo_op_t ops[1000];

static void op_create(int i, const char *name, int mode) {
    zoo_create_op_init(&ops[i], name, "new", 3, &ZOO_OPEN_ACL_UNSAFE, mode, path[i % 8], sizeof path[0]);
}

static void each_operation_has_its_result(void) {
    client_t *client = open_client();
    create(client, "/a", "1", 0);
    create(client, "/b", "1", 0);

    op_create(0, "/c", 0);
    zoo_set_op_init(&ops[1], "/a", "two", 3, 0, &stats[1]);
    zoo_check_op_init(&ops[2], "/a", 1);
    zoo_delete_op_init(&ops[3], "/b", -1);
    EXPECT(zoo_multi(client->zh, 4, ops, results), ZOK);

    for (int i = 0; i < 4; i++) EXPECT(results[i].err, ZOK);
    EXPECT_TEXT(path[0], "/c");
    EXPECT(stats[1].version, 1);
    EXPECT(stats[1].dataLength, 3);
    EXPECT_TEXT(get(client, "/a"), "two");
    EXPECT_TEXT(get(client, "/b"), "(-101)");
    EXPECT_TEXT(get(client, "/c"), "new");
}

static void all_operations_are_one_change(void) {
    client_t *client = open_client();
    struct Stat one, two;

    op_create(0, "/a", 0);
    op_create(1, "/a/b", 0);
    EXPECT(zoo_multi(client->zh, 2, ops, results), ZOK);

    zoo_exists(client->zh, "/a", 0, &one);
    zoo_exists(client->zh, "/a/b", 0, &two);
    EXPECT(one.czxid == two.czxid && one.pzxid == two.czxid, 1);
    EXPECT(one.cversion, 1);
}

static void the_first_failure_undoes_all(void) {
    client_t *client = open_client();
    create(client, "/a", "1", 0);

    zoo_set_op_init(&ops[0], "/a", "2", 1, -1, &stats[0]);
    op_create(1, "/b", 0);
    zoo_check_op_init(&ops[2], "/a", 7);
    op_create(3, "/c", 0);
    EXPECT(zoo_multi(client->zh, 4, ops, results), ZBADVERSION);

    EXPECT(results[0].err, ZOK);
    EXPECT(results[1].err, ZOK);
    EXPECT(results[2].err, ZBADVERSION);
    EXPECT(results[3].err, ZRUNTIMEINCONSISTENCY);
    EXPECT_TEXT(get(client, "/a"), "1");
    EXPECT_TEXT(get(client, "/b"), "(-101)");
}

static void each_kind_of_operation_can_fail(void) {
    client_t *client = open_client();
    create(client, "/a", "1", 0);
    create(client, "/a/b", "1", 0);

#define REFUSED(code)                                        \
    EXPECT(zoo_multi(client->zh, 1, ops, results), code);    \
    EXPECT(results[0].err, code)

    op_create(0, "/a", 0);
    REFUSED(ZNODEEXISTS);
    op_create(0, "/x/y", 0);
    REFUSED(ZNONODE);
    zoo_delete_op_init(&ops[0], "/a", -1);
    REFUSED(ZNOTEMPTY);
    zoo_delete_op_init(&ops[0], "/a/b", 7);
    REFUSED(ZBADVERSION);
    zoo_set_op_init(&ops[0], "/x", "", 0, -1, &stats[0]);
    REFUSED(ZNONODE);
    zoo_check_op_init(&ops[0], "/x", 0);
    REFUSED(ZNONODE);
}

static void an_operation_sees_those_before_it(void) {
    client_t *client = open_client();

    op_create(0, "/a", 0);
    zoo_set_op_init(&ops[1], "/a", "2", 1, 0, &stats[1]);
    zoo_delete_op_init(&ops[2], "/a", 1);
    op_create(3, "/a", 0);
    EXPECT(zoo_multi(client->zh, 4, ops, results), ZOK);

    EXPECT_TEXT(get(client, "/a"), "new");
}

static void modes_hold_inside_too(void) {
    client_t *client = open_client();
    struct Stat stat;

    op_create(0, "/s-", ZOO_SEQUENCE);
    op_create(1, "/s-", ZOO_SEQUENCE | ZOO_EPHEMERAL);
    op_create(2, "/e", ZOO_EPHEMERAL);
    EXPECT(zoo_multi(client->zh, 3, ops, results), ZOK);

    EXPECT_TEXT(path[0], "/s-0000000000");
    EXPECT_TEXT(path[1], "/s-0000000001");
    zoo_exists(client->zh, "/e", 0, &stat);
    EXPECT(stat.ephemeralOwner, zoo_client_id(client->zh)->client_id);
}

static void a_thousand_operations_fit(void) {
    static char names[1000][32];
    client_t *client = open_client();
    struct String_vector children;

    for (int i = 0; i < 1000; i++) {
        snprintf(names[i], sizeof names[i], "/n%04d", i);
        op_create(i, names[i], 0);
    }
    EXPECT(zoo_multi(client->zh, 1000, ops, results), ZOK);

    EXPECT_TEXT(path[7], "/n0999");
    zoo_get_children(client->zh, "/", 0, &children);
    EXPECT(children.count, 1000);
    deallocate_String_vector(&children);
}

static void note_code(int rc, const void *data) { note("%s %d", (const char *)data, rc); }

static void a_multi_keeps_its_place_among_other_calls(void) {
    client_t *client = open_client();
    create(client, "/a", "1", 0);

    zoo_adelete(client->zh, "/x", -1, note_code, "before");
    zoo_check_op_init(&ops[0], "/a", 0);
    zoo_amulti(client->zh, 1, ops, results, note_code, "multi");
    zoo_adelete(client->zh, "/a", -1, note_code, "after");

    EXPECT_TEXT(journal(3), "before -101; multi 0; after 0");
}

static void a_multi_fires_for_each_of_its_changes(void) {
    client_t *client = open_client(), *writer = open_client();
    struct String_vector children;
    char buffer[8];
    int length = sizeof buffer;
    create(client, "/a", "1", 0);
    zoo_wget(client->zh, "/a", on_event, NULL, buffer, &length, NULL);
    zoo_wexists(client->zh, "/b", on_event, NULL, &stats[0]);
    zoo_wget_children(client->zh, "/", on_event, NULL, &children);
    deallocate_String_vector(&children);

    zoo_set_op_init(&ops[0], "/a", "2", 1, -1, &stats[1]);
    op_create(1, "/b", 0);
    EXPECT(zoo_multi(writer->zh, 2, ops, results), ZOK);

    EXPECT_TEXT(journal(3), "CHANGED /a; CREATED /b; CHILD /");
}

int main(int argc, char **argv) {
    begin(argc, argv);
    RUN(each_operation_has_its_result);
    RUN(all_operations_are_one_change);
    RUN(the_first_failure_undoes_all);
    RUN(each_kind_of_operation_can_fail);
    RUN(an_operation_sees_those_before_it);
    RUN(modes_hold_inside_too);
    RUN(a_thousand_operations_fit);
    RUN(a_multi_keeps_its_place_among_other_calls);
    RUN(a_multi_fires_for_each_of_its_changes);
    return end();
}
