/* ACLs and identities with the C client. */
#include "checks.h"

/* digest of user:pass */
#define USER "user:smGaoVKd/cQkjm7b88GyorAUz20="

static void note_auth(int rc, const void *data) { note("%s %d", (const char *)data, rc); }

static void authenticate(client_t *client, const char *credential) {
    zoo_add_auth(client->zh, "digest", credential, (int)strlen(credential), note_auth, "auth");
}

static int create_for(client_t *client, const char *path, const char *scheme, const char *id, int perms) {
    struct ACL acl = {perms, {(char *)scheme, (char *)id}};
    struct ACL_vector acls = {1, &acl};
    return zoo_create(client->zh, path, "1", 1, &acls, 0, NULL, 0);
}

static void the_creator_stands_for_its_identities(void) {
    client_t *owner = open_client(), *other = open_client();
    struct ACL_vector acls;
    struct Stat stat;
    authenticate(owner, "user:pass");
    EXPECT_TEXT(journal(1), "auth 0");

    EXPECT(zoo_create(owner->zh, "/a", "1", 1, &ZOO_CREATOR_ALL_ACL, 0, NULL, 0), ZOK);

    EXPECT(zoo_get_acl(owner->zh, "/a", &acls, &stat), ZOK);
    EXPECT(acls.count, 1);
    EXPECT(acls.data[0].perms, ZOO_PERM_ALL);
    EXPECT_TEXT(acls.data[0].id.scheme, "digest");
    EXPECT_TEXT(acls.data[0].id.id, USER);
    deallocate_ACL_vector(&acls);
    EXPECT_TEXT(get(owner, "/a"), "1");
    EXPECT_TEXT(get(other, "/a"), "(-102)");
}

static void a_password_opens_what_was_closed(void) {
    client_t *client = open_client();
    EXPECT(create_for(client, "/a", "digest", USER, ZOO_PERM_ALL), ZOK);
    EXPECT_TEXT(get(client, "/a"), "(-102)");

    authenticate(client, "user:wrong");
    EXPECT_TEXT(journal(1), "auth 0");
    EXPECT_TEXT(get(client, "/a"), "(-102)");
    authenticate(client, "user:pass");
    EXPECT_TEXT(journal(1), "auth 0");

    EXPECT_TEXT(get(client, "/a"), "1");
}

static void each_permission_is_its_own(void) {
    client_t *client = open_client();
    EXPECT(create_for(client, "/r", "world", "anyone", ZOO_PERM_READ), ZOK);
    EXPECT(create_for(client, "/w", "world", "anyone", ZOO_PERM_WRITE), ZOK);
    EXPECT(create_for(client, "/c", "world", "anyone", ZOO_PERM_CREATE), ZOK);

    EXPECT_TEXT(get(client, "/r"), "1");
    EXPECT(set(client, "/r", "2"), ZNOAUTH);
    EXPECT(set(client, "/w", "2"), ZOK);
    EXPECT_TEXT(get(client, "/w"), "(-102)");
    EXPECT(create(client, "/c/x", "1", 0), ZOK);
    EXPECT(zoo_delete(client->zh, "/c/x", -1), ZNOAUTH);
    EXPECT(create(client, "/r/x", "1", 0), ZNOAUTH);
    EXPECT(zoo_set_acl(client->zh, "/r", -1, &ZOO_OPEN_ACL_UNSAFE), ZNOAUTH);
}

static void setting_an_acl_counts_its_version(void) {
    client_t *client = open_client();
    struct ACL_vector acls;
    struct Stat stat;
    create(client, "/a", "1", 0);

    EXPECT(zoo_set_acl(client->zh, "/a", 7, &ZOO_READ_ACL_UNSAFE), ZBADVERSION);
    EXPECT(zoo_set_acl(client->zh, "/a", 0, &ZOO_READ_ACL_UNSAFE), ZOK);

    EXPECT(zoo_get_acl(client->zh, "/a", &acls, &stat), ZOK);
    EXPECT(stat.aversion, 1);
    EXPECT(stat.version, 0);
    EXPECT(acls.data[0].perms, ZOO_PERM_READ);
    deallocate_ACL_vector(&acls);
    EXPECT(set(client, "/a", "2"), ZNOAUTH);
}

static void an_address_can_be_an_identity(void) {
    client_t *client = open_client();
    EXPECT(create_for(client, "/here", "ip", "127.0.0.0/8", ZOO_PERM_ALL), ZOK);
    EXPECT(create_for(client, "/there", "ip", "10.0.0.1", ZOO_PERM_ALL), ZOK);

    EXPECT_TEXT(get(client, "/here"), "1");
    EXPECT_TEXT(get(client, "/there"), "(-102)");
}

static void an_unknown_scheme_is_the_end_of_the_client(void) {
    client_t *client = open_client();

    zoo_add_auth(client->zh, "unheard-of", "x", 1, note_auth, "auth");

    EXPECT_TEXT(journal(1), "auth -115");
    EXPECT(await_state(client, ZOO_AUTH_FAILED_STATE), 0);
    EXPECT_TEXT(get(client, "/"), "(-9)");
}

static void identities_come_along_to_a_new_connection(void) {
    client_t *client = open_by_way_of_cut("client", 10000);
    authenticate(client, "user:pass");
    EXPECT_TEXT(journal(1), "auth 0");
    EXPECT(zoo_create(client->zh, "/a", "1", 1, &ZOO_CREATOR_ALL_ACL, 0, NULL, 0), ZOK);

    ask("cut");

    EXPECT_TEXT(journal(2), "client CONNECTING; client CONNECTED");
    EXPECT_TEXT(get(client, "/a"), "1");
}

int main(int argc, char **argv) {
    begin(argc, argv);
    RUN(the_creator_stands_for_its_identities);
    RUN(a_password_opens_what_was_closed);
    RUN(each_permission_is_its_own);
    RUN(setting_an_acl_counts_its_version);
    RUN(an_address_can_be_an_identity);
    RUN(an_unknown_scheme_is_the_end_of_the_client);
    RUN(identities_come_along_to_a_new_connection);
    return end();
}
