/* Sessions with the C client: cut off, resumed with their watches, expired, taken over. */
#include "checks.h"

/* The least that a server with ticks of two seconds grants. */
#define SHORT_MS 4000

static char buffer[64];
static struct Stat stat;

static int watch_data(client_t *client, const char *path) {
    int length = sizeof buffer;
    return zoo_wget(client->zh, path, on_event, NULL, buffer, &length, NULL);
}

static int watch_children(client_t *client, const char *path) {
    struct String_vector names;
    int rc = zoo_wget_children(client->zh, path, on_event, NULL, &names);
    if (rc == ZOK) deallocate_String_vector(&names);
    return rc;
}

static void a_cut_connection_resumes_its_session(void) {
    client_t *client = open_by_way_of_cut("client", 10000), *other = open_client();
    clientid_t before = *zoo_client_id(client->zh);
    create(client, "/a", "1", ZOO_EPHEMERAL);

    ask("cut");

    EXPECT_TEXT(journal(2), "client CONNECTING; client CONNECTED");
    EXPECT(memcmp(&before, zoo_client_id(client->zh), sizeof before), 0);
    EXPECT_TEXT(get(other, "/a"), "1");
    EXPECT(set(client, "/a", "2"), ZOK);
}

static void ten_cuts_do_not_end_a_session(void) {
    client_t *client = open_by_way_of_cut("client", 10000);
    int64_t session = zoo_client_id(client->zh)->client_id;

    for (int i = 0; i < 10; i++) {
        ask("cut");
        EXPECT_TEXT(journal(2), "client CONNECTING; client CONNECTED");
    }

    EXPECT(zoo_client_id(client->zh)->client_id, session);
    EXPECT(create(client, "/a", "1", 0), ZOK);
}

static void note_code(int rc, const void *data) { note("%s %d", (const char *)data, rc); }

static void a_call_in_flight_is_lost_with_its_connection(void) {
    client_t *client = open_by_way_of_cut("client", 10000);

    ask("hold");
    zoo_adelete(client->zh, "/a", -1, note_code, "delete");
    ask("cut");
    ask("open");

    EXPECT_TEXT(journal(3), "client CONNECTING; delete -4; client CONNECTED");
}

static void a_watch_that_missed_its_change_fires_on_the_return(void) {
    client_t *client = open_by_way_of_cut("client", 10000), *writer = open_client();
    create(writer, "/changed", "0", 0);
    create(writer, "/deleted", "0", 0);
    create(writer, "/parent", "0", 0);
    watch_data(client, "/changed");
    watch_data(client, "/deleted");
    watch_children(client, "/parent");
    zoo_wexists(client->zh, "/created", on_event, NULL, &stat);

    ask("close");
    EXPECT_TEXT(journal(1), "client CONNECTING");
    set(writer, "/changed", "1");
    zoo_delete(writer->zh, "/deleted", -1);
    create(writer, "/parent/child", "0", 0);
    create(writer, "/created", "0", 0);
    ask("open");

    const char *seen = journal(5);
    EXPECT(strncmp(seen, "client CONNECTED; ", 18), 0);
    EXPECT(strstr(seen, "CHANGED /changed") != NULL, 1);
    EXPECT(strstr(seen, "DELETED /deleted") != NULL, 1);
    EXPECT(strstr(seen, "CHILD /parent") != NULL, 1);
    EXPECT(strstr(seen, "CREATED /created") != NULL, 1);
    settle(client);
    EXPECT_TEXT(journal(0), "");
}

static void a_watch_that_missed_nothing_is_armed_again(void) {
    client_t *client = open_by_way_of_cut("client", 10000), *writer = open_client();
    create(writer, "/a", "0", 0);
    watch_data(client, "/a");
    watch_children(client, "/a");
    zoo_wexists(client->zh, "/b", on_event, NULL, &stat);

    ask("cut");
    EXPECT_TEXT(journal(2), "client CONNECTING; client CONNECTED");
    settle(client);
    set(writer, "/a", "1");
    create(writer, "/a/c", "1", 0);
    create(writer, "/b", "1", 0);
    set(writer, "/a", "2");
    settle(client);

    EXPECT_TEXT(journal(3), "CHANGED /a; CHILD /a; CREATED /b");
}

static void ignore_stat(int rc, const struct Stat *given, const void *data) { (void)rc, (void)given, (void)data; }

static void two_thousand_watches_come_back(void) {
    client_t *client = open_by_way_of_cut("client", 30000), *writer = open_client();
    char path[128];
    for (int i = 0; i < 2000; i++) {
        snprintf(path, sizeof path, "/%080d", i);
        zoo_awexists(client->zh, path, on_event, NULL, ignore_stat, NULL);
    }
    settle(client);

    ask("cut");
    EXPECT_TEXT(journal(2), "client CONNECTING; client CONNECTED");
    for (int i = 0; i < 2000; i += 100) {
        snprintf(path, sizeof path, "/%080d", i);
        EXPECT(create(writer, path, "1", 0), ZOK);
    }
    settle(client);

    const char *seen = journal(20);
    int count = 0;
    for (const char *at = seen; (at = strstr(at, "CREATED /")) != NULL; at++) count++;
    EXPECT(count, 20);
}

static void a_session_expires_after_silence_and_takes_its_ephemerals_along(void) {
    client_t *client = open_by_way_of_cut("client", SHORT_MS), *other = open_client();
    create(client, "/a", "1", ZOO_EPHEMERAL);
    zoo_wexists(other->zh, "/a", on_event, NULL, &stat);

    ask("close");

    EXPECT_TEXT(journal(2), "client CONNECTING; DELETED /a");
    ask("open");
    EXPECT_TEXT(journal(1), "client EXPIRED");
    EXPECT_TEXT(get(client, "/a"), "(-9)");
}

static void pings_keep_a_silent_session(void) {
    client_t *client = open_by_way_of_cut("client", SHORT_MS), *other = open_client();
    create(client, "/a", "1", ZOO_EPHEMERAL);

    sleep(SHORT_MS / 1000 * 2 + 1);

    EXPECT_TEXT(get(other, "/a"), "1");
    EXPECT_TEXT(journal(0), "");
}

static void a_connection_without_answers_is_given_up(void) {
    client_t *client = open_by_way_of_cut("client", SHORT_MS);

    ask("hold");
    EXPECT_TEXT(journal(1), "client CONNECTING");
    ask("open");

    EXPECT(await_state(client, ZOO_CONNECTED_STATE), 0);
}

static void a_session_can_be_taken_over_with_its_password(void) {
    client_t *first = open_by_way_of_cut(NULL, 10000);
    clientid_t id = *zoo_client_id(first->zh);
    create(first, "/a", "1", ZOO_EPHEMERAL);
    ask("close");

    client_t *second = connect_to(place_at(server_port), 10000, &id);

    EXPECT(zoo_client_id(second->zh)->client_id, id.client_id);
    EXPECT(zoo_exists(second->zh, "/a", 0, &stat), ZOK);
    EXPECT(stat.ephemeralOwner, id.client_id);
    close_client(second);
    ask("open");
    EXPECT(await_state(first, ZOO_EXPIRED_SESSION_STATE), 0);
}

static void a_wrong_password_takes_nothing_over(void) {
    client_t *owner = open_client();
    clientid_t id = *zoo_client_id(owner->zh);
    create(owner, "/a", "1", ZOO_EPHEMERAL);
    id.passwd[0] ^= 1;

    client_t *thief = &clients[client_count++];
    thief->name = NULL;
    thief->state = 0;
    thief->zh = zookeeper_init(place_at(server_port), on_session, 10000, &id, thief, 0);

    EXPECT(await_state(thief, ZOO_EXPIRED_SESSION_STATE), 0);
    /* ZooKeeper cuts the owner off, who comes back. */
    int rc = ZCONNECTIONLOSS;
    while (rc == ZCONNECTIONLOSS && await_state(owner, ZOO_CONNECTED_STATE) == 0)
        rc = zoo_exists(owner->zh, "/a", 0, &stat);
    EXPECT(rc, ZOK);
    EXPECT(stat.ephemeralOwner, zoo_client_id(owner->zh)->client_id);
}

int main(int argc, char **argv) {
    begin(argc, argv);
    RUN(a_cut_connection_resumes_its_session);
    RUN(ten_cuts_do_not_end_a_session);
    RUN(a_call_in_flight_is_lost_with_its_connection);
    RUN(a_watch_that_missed_its_change_fires_on_the_return);
    RUN(a_watch_that_missed_nothing_is_armed_again);
    RUN(two_thousand_watches_come_back);
    RUN(a_session_expires_after_silence_and_takes_its_ephemerals_along);
    RUN(pings_keep_a_silent_session);
    RUN(a_connection_without_answers_is_given_up);
    RUN(a_session_can_be_taken_over_with_its_password);
    RUN(a_wrong_password_takes_nothing_over);
    return end();
}
