/* Watches with the C client. Its completions and events come on one thread in the order of the wire, so that order can be seen. */
#include "checks.h"

static char buffer[1024];
static struct Stat stat;

static int watch_data(client_t *client, const char *path, const char *name) {
    int length = sizeof buffer;
    return zoo_wget(client->zh, path, on_event, (void *)name, buffer, &length, NULL);
}

static int watch_existence(client_t *client, const char *path, const char *name) {
    return zoo_wexists(client->zh, path, on_event, (void *)name, &stat);
}

static int watch_children(client_t *client, const char *path, const char *name) {
    struct String_vector names;
    int rc = zoo_wget_children(client->zh, path, on_event, (void *)name, &names);
    if (rc == ZOK) deallocate_String_vector(&names);
    return rc;
}

static void note_code(int rc, const void *data) { note("%s %d", (const char *)data, rc); }
static void note_stat(int rc, const struct Stat *given, const void *data) {
    (void)given;
    note("%s %d", (const char *)data, rc);
}
static void ignore_stat(int rc, const struct Stat *given, const void *data) { (void)rc, (void)given, (void)data; }
static void note_data(int rc, const char *value, int length, const struct Stat *given, const void *data) {
    (void)given;
    note("%s %.*s", (const char *)data, rc == ZOK && length > 0 ? length : 0, value ? value : "");
}

static void a_data_watch_fires_once(void) {
    client_t *reader = open_client(), *writer = open_client();
    create(writer, "/a", "0", 0);
    watch_data(reader, "/a", NULL);

    set(writer, "/a", "1");
    set(writer, "/a", "2");

    settle(reader);
    EXPECT_TEXT(journal(1), "CHANGED /a");
}

static void a_data_watch_fires_for_the_end_of_its_znode(void) {
    client_t *reader = open_client(), *writer = open_client();
    create(writer, "/a", "0", 0);
    watch_data(reader, "/a", NULL);

    zoo_delete(writer->zh, "/a", -1);

    EXPECT_TEXT(journal(1), "DELETED /a");
}

static void an_exists_watch_waits_for_a_znode(void) {
    client_t *reader = open_client(), *writer = open_client();
    EXPECT(watch_existence(reader, "/a", NULL), ZNONODE);

    create(writer, "/a", "0", 0);
    EXPECT_TEXT(journal(1), "CREATED /a");
    EXPECT(watch_existence(reader, "/a", NULL), ZOK);
    set(writer, "/a", "1");

    EXPECT_TEXT(journal(1), "CHANGED /a");
}

static void a_child_watch_fires_once_for_children_alone(void) {
    client_t *reader = open_client(), *writer = open_client();
    create(writer, "/a", "0", 0);
    watch_children(reader, "/a", NULL);

    set(writer, "/a", "1");
    create(writer, "/a/b", "0", 0);
    create(writer, "/a/c", "0", 0);

    settle(reader);
    EXPECT_TEXT(journal(1), "CHILD /a");
}

static void a_watch_that_found_no_znode_is_none(void) {
    client_t *reader = open_client(), *writer = open_client();
    EXPECT(watch_data(reader, "/a", NULL), ZNONODE);
    EXPECT(watch_children(reader, "/a", NULL), ZNONODE);

    create(writer, "/a", "0", 0);
    create(writer, "/a/b", "0", 0);

    settle(reader);
    EXPECT_TEXT(journal(0), "");
}

static void the_end_of_a_znode_is_told_to_all(void) {
    client_t *reader = open_client(), *writer = open_client();
    create(writer, "/a", "0", 0);
    create(writer, "/a/b", "0", 0);
    watch_data(reader, "/a/b", "same");
    watch_existence(reader, "/a/b", "same");
    watch_children(reader, "/a/b", "same");
    watch_children(reader, "/a", "parent");

    zoo_delete(writer->zh, "/a/b", -1);

    settle(reader);
    // Its three watches are one watcher with one context.
    EXPECT_TEXT(journal(2), "same: DELETED /a/b; parent: CHILD /a");
}

static void the_watcher_of_the_client_hears_what_has_none_of_its_own(void) {
    client_t *reader = open_client(), *writer = open_client();
    EXPECT(zoo_exists(reader->zh, "/a", 1, NULL), ZNONODE);

    create(writer, "/a", "0", 0);

    EXPECT_TEXT(journal(1), "CREATED /a");
}

static void an_event_comes_before_the_reply_to_its_change(void) {
    client_t *client = open_client();
    create(client, "/a", "0", 0);

    zoo_awget(client->zh, "/a", on_event, NULL, note_data, "got");
    zoo_aset(client->zh, "/a", "1", 1, -1, note_stat, "set");
    zoo_aget(client->zh, "/a", 0, note_data, "got");
    zoo_adelete(client->zh, "/a", -1, note_code, "deleted");

    EXPECT_TEXT(journal(5), "got 0; CHANGED /a; set 0; got 1; deleted 0");
}

static void new_data_never_come_before_the_event(void) {
    client_t *reader = open_client(), *writer = open_client();
    char value[8];
    create(writer, "/a", "0", 0);

    for (int i = 1; i <= 100; i++) {
        zoo_awget(reader->zh, "/a", on_event, NULL, note_data, "");
        settle(reader);
        snprintf(value, sizeof value, "%d", i);
        zoo_aset(writer->zh, "/a", value, (int)strlen(value), -1, note_stat, "-");
        for (int k = 0; k < 20; k++) zoo_aget(reader->zh, "/a", 0, note_data, "");
        settle(writer);
        settle(reader);
        const char *seen = journal(0);
        const char *event = strstr(seen, "CHANGED"), *data;
        char needle[16];
        snprintf(needle, sizeof needle, " %d;", i);
        data = strstr(seen, needle);
        EXPECT(event != NULL, 1);
        EXPECT(data == NULL || event < data, 1);
    }
}

static void the_end_of_a_session_fires_for_its_ephemerals(void) {
    client_t *reader = open_client(), *writer = open_client();
    create(writer, "/a", "0", 0);
    create(writer, "/e", "0", ZOO_EPHEMERAL);
    create(writer, "/f", "0", ZOO_EPHEMERAL);
    watch_existence(reader, "/e", NULL);
    watch_existence(reader, "/f", NULL);
    watch_existence(reader, "/a", NULL);

    close_client(writer);

    const char *seen = journal(2);
    EXPECT(strstr(seen, "DELETED /e") != NULL && strstr(seen, "DELETED /f") != NULL, 1);
    EXPECT(strlen(seen), strlen("DELETED /e; DELETED /f"));
}

static void a_watcher_can_be_removed(void) {
    client_t *reader = open_client(), *writer = open_client();
    create(writer, "/a", "0", 0);
    watch_data(reader, "/a", "data");
    watch_children(reader, "/a", "children");

    EXPECT(zoo_remove_watches(reader->zh, "/a", ZWATCHTYPE_DATA, on_event, "data", 0), ZOK);
    EXPECT(zoo_remove_watches(reader->zh, "/a", ZWATCHTYPE_DATA, on_event, "data", 0), ZNOWATCHER);
    set(writer, "/a", "1");
    create(writer, "/a/b", "0", 0);

    settle(reader);
    const char *seen = journal(1);
    EXPECT(strstr(seen, "CHANGED") == NULL, 1);
    EXPECT(strstr(seen, "children: CHILD /a") != NULL, 1);
}

static void all_watchers_of_a_path_can_be_removed(void) {
    client_t *reader = open_client(), *writer = open_client();
    create(writer, "/a", "0", 0);
    watch_data(reader, "/a", "data");
    watch_children(reader, "/a", "children");

    EXPECT(zoo_remove_all_watches(reader->zh, "/a", ZWATCHTYPE_ANY, 0), ZOK);
    EXPECT(zoo_remove_all_watches(reader->zh, "/a", ZWATCHTYPE_ANY, 0), ZNOWATCHER);
    set(writer, "/a", "1");
    create(writer, "/a/b", "0", 0);

    settle(reader);
    const char *seen = journal(0);
    EXPECT(strstr(seen, "CHANGED") == NULL && strstr(seen, "CHILD") == NULL, 1);
}

static void a_thousand_watches_fire_in_the_order_of_the_changes(void) {
    client_t *reader = open_client(), *writer = open_client();
    char path[32], expected[TEXT] = "";
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof path, "/%04d", i);
        create(writer, path, "0", 0);
        watch_data(reader, path, NULL);
        snprintf(expected + strlen(expected), TEXT - strlen(expected), "%sCHANGED %s", i ? "; " : "", path);
    }

    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof path, "/%04d", i);
        zoo_aset(writer->zh, path, "1", 1, -1, ignore_stat, NULL);
    }

    EXPECT_TEXT(journal(1000), expected);
}

int main(int argc, char **argv) {
    begin(argc, argv);
    RUN(a_data_watch_fires_once);
    RUN(a_data_watch_fires_for_the_end_of_its_znode);
    RUN(an_exists_watch_waits_for_a_znode);
    RUN(a_child_watch_fires_once_for_children_alone);
    RUN(a_watch_that_found_no_znode_is_none);
    RUN(the_end_of_a_znode_is_told_to_all);
    RUN(the_watcher_of_the_client_hears_what_has_none_of_its_own);
    RUN(an_event_comes_before_the_reply_to_its_change);
    RUN(new_data_never_come_before_the_event);
    RUN(the_end_of_a_session_fires_for_its_ephemerals);
    RUN(a_watcher_can_be_removed);
    RUN(all_watchers_of_a_path_can_be_removed);
    RUN(a_thousand_watches_fire_in_the_order_of_the_changes);
    return end();
}
