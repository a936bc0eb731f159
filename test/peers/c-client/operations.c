/* Creating, reading, writing and deleting with the C client: results, Stats and refusals. */
#include "checks.h"

static void a_client_is_connected_with_a_session(void) {
    client_t *client = open_client();

    EXPECT(zoo_state(client->zh), ZOO_CONNECTED_STATE);
    EXPECT(zoo_client_id(client->zh)->client_id != 0, 1);
    EXPECT(zoo_recv_timeout(client->zh), 10000);
}

static void the_timeout_lies_within_the_bounds_of_the_server(void) {
    EXPECT(zoo_recv_timeout(connect_to(place_at(server_port), 100, NULL)->zh), 4000);
    EXPECT(zoo_recv_timeout(connect_to(place_at(server_port), 1000000, NULL)->zh), 40000);
}

static void a_server_that_does_not_answer_is_passed_over(void) {
    char hosts[256];
    snprintf(hosts, sizeof hosts, "127.0.0.1:1,127.0.0.1:%s%s", server_port, place);
    client_t *client = connect_to(hosts, 10000, NULL);

    EXPECT(create(client, "/a", "1", 0), ZOK);
}

static int is_same(const struct Stat *a, const struct Stat *b) {
    return a->czxid == b->czxid && a->mzxid == b->mzxid && a->pzxid == b->pzxid && a->ctime == b->ctime && a->mtime == b->mtime
        && a->version == b->version && a->cversion == b->cversion && a->aversion == b->aversion
        && a->ephemeralOwner == b->ephemeralOwner && a->dataLength == b->dataLength && a->numChildren == b->numChildren;
}

static struct Stat made;
static void keep_stat(int rc, const char *path, const struct Stat *stat, const void *data) {
    (void)data;
    if (rc == ZOK) made = *stat;
    note("%d %s", rc, path ? path : "-");
}

static void a_new_znode_has_a_fresh_stat(void) {
    client_t *client = open_client();
    struct Stat stat;

    EXPECT(zoo_acreate2(client->zh, "/a", "four", 4, &ZOO_OPEN_ACL_UNSAFE, 0, keep_stat, NULL), ZOK);
    EXPECT_TEXT(journal(1), "0 /a");
    EXPECT(zoo_exists(client->zh, "/a", 0, &stat), ZOK);

    EXPECT(is_same(&made, &stat), 1);
    EXPECT(stat.czxid == stat.mzxid && stat.czxid == stat.pzxid && stat.ctime == stat.mtime, 1);
    EXPECT(stat.version + stat.cversion + stat.aversion + stat.ephemeralOwner + stat.numChildren, 0);
    EXPECT(stat.dataLength, 4);
    EXPECT(llabs(stat.ctime / 1000 - time(NULL)) < 60, 1);
}

static void every_mode_leaves_its_owner(void) {
    client_t *client = open_client();
    char path[64];
    struct Stat stat;
    int64_t session = zoo_client_id(client->zh)->client_id;

#define OWNER(call, expected_path, owner)                    \
    EXPECT(call, ZOK);                                       \
    EXPECT_TEXT(path, expected_path);                        \
    EXPECT(zoo_exists(client->zh, path, 0, &stat), ZOK);     \
    EXPECT(stat.ephemeralOwner, owner)
#define MADE(mode, expected_path, owner) \
    OWNER(zoo_create(client->zh, "/n-", "", 0, &ZOO_OPEN_ACL_UNSAFE, mode, path, sizeof path), expected_path, owner)
#define MADE_WITH_TTL(mode, ttl, expected_path)                                                             \
    OWNER(                                                                                                  \
        zoo_create_ttl(client->zh, "/t-", "", 0, &ZOO_OPEN_ACL_UNSAFE, mode, ttl, path, sizeof path),       \
        expected_path,                                                                                      \
        0                                                                                                   \
    )

    MADE(ZOO_PERSISTENT, "/n-", 0);
    MADE(ZOO_PERSISTENT_SEQUENTIAL, "/n-0000000001", 0);
    MADE(ZOO_EPHEMERAL_SEQUENTIAL, "/n-0000000002", session);
    EXPECT(zoo_delete(client->zh, "/n-", -1), ZOK);
    MADE(ZOO_EPHEMERAL, "/n-", session);
    EXPECT(zoo_delete(client->zh, "/n-", -1), ZOK);
    MADE(ZOO_CONTAINER, "/n-", 0);
    MADE_WITH_TTL(ZOO_PERSISTENT_WITH_TTL, 60000, "/t-");
    MADE_WITH_TTL(ZOO_PERSISTENT_SEQUENTIAL_WITH_TTL, 1, "/t-0000000006");
}

static void a_set_counts_the_version(void) {
    client_t *client = open_client();
    struct Stat before, after, stat;
    create(client, "/a", "1", 0);
    zoo_exists(client->zh, "/a", 0, &before);

    EXPECT(zoo_set2(client->zh, "/a", "two", 3, 0, &after), ZOK);
    EXPECT(zoo_exists(client->zh, "/a", 0, &stat), ZOK);

    EXPECT(is_same(&after, &stat), 1);
    EXPECT(after.version, 1);
    EXPECT(after.dataLength, 3);
    EXPECT(after.mzxid > before.mzxid && after.czxid == before.czxid, 1);
    EXPECT_TEXT(get(client, "/a"), "two");
}

static void data_can_be_empty_and_null(void) {
    client_t *client = open_client();
    char buffer[8];
    int length;

    EXPECT(zoo_create(client->zh, "/empty", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZOK);
    EXPECT(zoo_create(client->zh, "/null", NULL, -1, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZOK);

    length = sizeof buffer;
    EXPECT(zoo_get(client->zh, "/empty", 0, buffer, &length, NULL), ZOK);
    EXPECT(length, 0);
    length = sizeof buffer;
    EXPECT(zoo_get(client->zh, "/null", 0, buffer, &length, NULL), ZOK);
    EXPECT(length, -1);
}

static void a_million_bytes_go_both_ways(void) {
    static char sent[1000000], received[1000000];
    client_t *client = open_client();
    int length = sizeof received;
    for (size_t i = 0; i < sizeof sent; i++) sent[i] = (char)(i % 251);

    EXPECT(zoo_create(client->zh, "/a", sent, sizeof sent, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZOK);
    EXPECT(zoo_get(client->zh, "/a", 0, received, &length, NULL), ZOK);

    EXPECT(length, sizeof sent);
    EXPECT(memcmp(sent, received, sizeof sent), 0);
}

static void children_are_listed_with_the_stat_of_their_parent(void) {
    client_t *client = open_client();
    struct String_vector names;
    struct Stat stat;
    create(client, "/a", NULL, 0);
    create(client, "/a/b", NULL, 0);
    create(client, "/a/c", NULL, 0);
    EXPECT(zoo_delete(client->zh, "/a/b", 0), ZOK);

    EXPECT(zoo_get_children2(client->zh, "/a", 0, &names, &stat), ZOK);

    EXPECT(names.count, 1);
    EXPECT_TEXT(names.data[0], "c");
    EXPECT(stat.cversion, 3);
    EXPECT(stat.numChildren, 1);
    deallocate_String_vector(&names);
    EXPECT(zoo_get_children(client->zh, "/a/c", 0, &names), ZOK);
    EXPECT(names.count, 0);
    deallocate_String_vector(&names);
}

static void ignore_value(int rc, const char *value, const void *data) { (void)rc, (void)value, (void)data; }

static void thousands_of_children_come_in_one_reply(void) {
    client_t *client = open_client();
    struct String_vector names;
    char path[64];
    for (int i = 0; i < 3000; i++) {
        snprintf(path, sizeof path, "/child-%020d", i);
        EXPECT(zoo_acreate(client->zh, path, "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, ignore_value, NULL), ZOK);
    }
    settle(client);

    EXPECT(zoo_get_children(client->zh, "/", 0, &names), ZOK);

    EXPECT(names.count, 3000);
    deallocate_String_vector(&names);
}

static void every_refusal_has_its_code(void) {
    client_t *client = open_client();
    struct ACL nobody = {31, {"world", "nobody"}};
    struct ACL_vector nobodies = {1, &nobody}, empty = {0, NULL};
    char buffer[8];
    int length = sizeof buffer;
    create(client, "/a", "1", 0);
    create(client, "/a/b", "1", 0);
    create(client, "/e", "1", ZOO_EPHEMERAL);

    EXPECT(zoo_exists(client->zh, "/x", 0, NULL), ZNONODE);
    EXPECT(set(client, "/x", ""), ZNONODE);
    EXPECT(zoo_delete(client->zh, "/x", -1), ZNONODE);
    EXPECT(create(client, "/x/y", "", 0), ZNONODE);
    EXPECT_TEXT(get(client, "/x"), "(-101)");
    EXPECT(create(client, "/a", "", 0), ZNODEEXISTS);
    EXPECT(zoo_delete(client->zh, "/a", -1), ZNOTEMPTY);
    EXPECT(zoo_delete(client->zh, "/a/b", 7), ZBADVERSION);
    EXPECT(zoo_set(client->zh, "/a", "", 0, 7), ZBADVERSION);
    EXPECT(create(client, "/e/x", "", 0), ZNOCHILDRENFOREPHEMERALS);
    EXPECT(zoo_create(client->zh, "/c", "", 0, &nobodies, 0, NULL, 0), ZINVALIDACL);
    EXPECT(zoo_create(client->zh, "/c", "", 0, &empty, 0, NULL, 0), ZINVALIDACL);
    EXPECT(zoo_create(client->zh, "/c", "", 0, &ZOO_CREATOR_ALL_ACL, 0, NULL, 0), ZINVALIDACL);
    EXPECT(create(client, "/c\x01", "", 0), ZBADARGUMENTS);
    EXPECT(zoo_create_ttl(client->zh, "/c", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT_WITH_TTL, 0, NULL, 0), ZBADARGUMENTS);
    EXPECT(zoo_reconfig(client->zh, NULL, "1", NULL, -1, buffer, &length, NULL), ZRECONFIGDISABLED);
    EXPECT(zoo_state(client->zh), ZOO_CONNECTED_STATE);
}

static void the_configuration_is_empty(void) {
    char hosts[64], buffer[16];
    int length = sizeof buffer;
    struct Stat stat;
    snprintf(hosts, sizeof hosts, "127.0.0.1:%s", server_port);
    client_t *root = connect_to(hosts, 10000, NULL);

    EXPECT(zoo_getconfig(root->zh, 0, buffer, &length, &stat), ZOK);

    EXPECT(length, 0);
    EXPECT(stat.czxid + stat.ctime + stat.version, 0);
}

static void note_value(int rc, const char *value, const void *data) { note("%s %d %s", (const char *)data, rc, value ? value : "-"); }
static void note_void(int rc, const void *data) { note("%s %d", (const char *)data, rc); }
static void note_stat(int rc, const struct Stat *stat, const void *data) {
    note("%s %d v%d", (const char *)data, rc, stat ? stat->version : -1);
}
static void note_data(int rc, const char *value, int length, const struct Stat *stat, const void *data) {
    (void)stat;
    note("%s %d %.*s", (const char *)data, rc, length < 0 ? 0 : length, value ? value : "");
}
static void note_names(int rc, const struct String_vector *names, const void *data) {
    note("%s %d %d", (const char *)data, rc, names ? names->count : -1);
}

static void answers_come_in_the_order_of_the_questions(void) {
    client_t *client = open_client();

    zoo_acreate(client->zh, "/a", "1", 1, &ZOO_OPEN_ACL_UNSAFE, 0, note_value, "create");
    zoo_aset(client->zh, "/a", "2", 1, -1, note_stat, "set");
    zoo_aget(client->zh, "/a", 0, note_data, "get");
    zoo_aexists(client->zh, "/x", 0, note_stat, "exists");
    zoo_aget_children(client->zh, "/", 0, note_names, "children");
    zoo_async(client->zh, "/a", note_value, "sync");
    zoo_adelete(client->zh, "/a", 0, note_void, "delete");
    zoo_adelete(client->zh, "/a", -1, note_void, "delete");
    zoo_acreate(client->zh, "/s-", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_SEQUENCE, note_value, "sequence");

    EXPECT_TEXT(
        journal(9),
        "create 0 /a; set 0 v1; get 0 2; exists -101 v-1; children 0 1; sync 0 /a; delete -103; delete 0; sequence 0 /s-0000000001"
    );
}

static int next_version, versions_in_order;
static void count_versions(int rc, const struct Stat *stat, const void *data) {
    (void)data;
    if (rc == ZOK && stat->version == next_version + 1) versions_in_order++;
    next_version++;
}

static void two_thousand_questions_at_once_are_answered_in_order(void) {
    client_t *client = open_client();
    create(client, "/a", "0", 0);
    next_version = versions_in_order = 0;

    for (int i = 0; i < 2000; i++) zoo_aset(client->zh, "/a", "x", 1, i, count_versions, NULL);
    settle(client);

    EXPECT(versions_in_order, 2000);
}

static void two_clients_see_one_tree(void) {
    client_t *one = open_client(), *two = open_client();

    create(one, "/a", "1", 0);
    EXPECT_TEXT(get(two, "/a"), "1");
    EXPECT(set(two, "/a", "2"), ZOK);

    EXPECT_TEXT(get(one, "/a"), "2");
}

static void closing_ends_the_session_and_its_ephemerals(void) {
    client_t *one = open_client(), *two = open_client();
    create(one, "/a", "1", ZOO_EPHEMERAL);
    EXPECT_TEXT(get(two, "/a"), "1");

    close_client(one);

    EXPECT_TEXT(get(two, "/a"), "(-101)");
}

int main(int argc, char **argv) {
    begin(argc, argv);
    RUN(a_client_is_connected_with_a_session);
    RUN(the_timeout_lies_within_the_bounds_of_the_server);
    RUN(a_server_that_does_not_answer_is_passed_over);
    RUN(a_new_znode_has_a_fresh_stat);
    RUN(every_mode_leaves_its_owner);
    RUN(a_set_counts_the_version);
    RUN(data_can_be_empty_and_null);
    RUN(a_million_bytes_go_both_ways);
    RUN(children_are_listed_with_the_stat_of_their_parent);
    RUN(thousands_of_children_come_in_one_reply);
    RUN(every_refusal_has_its_code);
    RUN(the_configuration_is_empty);
    RUN(answers_come_in_the_order_of_the_questions);
    RUN(two_thousand_questions_at_once_are_answered_in_order);
    RUN(two_clients_see_one_tree);
    RUN(closing_ends_the_session_and_its_ephemerals);
    return end();
}
