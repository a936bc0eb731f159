/*
 * What the programs with ZooKeeper's C client share: checks that print "ok NAME" or "not ok NAME: why", each in a place of its own on
 * the server, with clients that are closed at its end and a journal of what the callbacks said. Nothing waits without a limit.
 *
 * A program is started with the port of the server and the port of a way to it that can be cut; it prints "@cut" and the like to have
 * that done, and goes on when a line comes back.
 */
#ifndef CHECKS_H
#define CHECKS_H

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zookeeper/zookeeper.h>

#define WAIT_S 25
#define MAX_CLIENTS 64
#define TEXT 65536

typedef struct {
    zhandle_t *zh;
    const char *name;
    int state;
} client_t;

static const char *server_port, *cut_port, *check_name;
static char place[128];
static int check_failed, checks_passed, checks_failed;
static client_t clients[MAX_CLIENTS];
static int client_count;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static char journal_text[TEXT];
static int journal_count;

__attribute__((format(printf, 1, 2))) static void fail(const char *format, ...) {
    va_list args;
    if (check_failed++) return;
    printf("not ok %s: ", check_name);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

/* Both leave the check, which has to be a function without a value. */
#define EXPECT(actual, expected)                                                                          \
    do {                                                                                                  \
        long long actual_ = (long long)(actual), expected_ = (long long)(expected);                       \
        if (actual_ != expected_) {                                                                       \
            fail("line %d: %s is %lld, expected %lld", __LINE__, #actual, actual_, expected_);            \
            return;                                                                                       \
        }                                                                                                 \
    } while (0)

#define EXPECT_TEXT(actual, expected)                                                                     \
    do {                                                                                                  \
        const char *actual_ = (actual), *expected_ = (expected);                                          \
        if (strcmp(actual_, expected_) != 0) {                                                            \
            fail("line %d: %s is \"%s\", expected \"%s\"", __LINE__, #actual, actual_, expected_);        \
            return;                                                                                       \
        }                                                                                                 \
    } while (0)

static struct timespec deadline_in(int seconds) {
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += seconds;
    return at;
}

/* Adds an entry to the journal. */
__attribute__((format(printf, 1, 2))) static void note(const char *format, ...) {
    va_list args;
    pthread_mutex_lock(&lock);
    size_t used = strlen(journal_text);
    if (journal_count++ > 0) used += (size_t)snprintf(journal_text + used, TEXT - used, "; ");
    va_start(args, format);
    vsnprintf(journal_text + used, TEXT - used, format, args);
    va_end(args);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* All entries once there are `count`, and whatever more there is; the journal is empty then. The text lives until the next call. */
static const char *journal(int count) {
    static char taken[TEXT];
    struct timespec deadline = deadline_in(WAIT_S);
    pthread_mutex_lock(&lock);
    while (journal_count < count)
        if (pthread_cond_timedwait(&changed, &lock, &deadline) != 0) break;
    strcpy(taken, journal_text);
    journal_text[0] = 0;
    journal_count = 0;
    pthread_mutex_unlock(&lock);
    return taken;
}

static const char *state_name(int state) {
    if (state == ZOO_CONNECTED_STATE) return "CONNECTED";
    if (state == ZOO_CONNECTING_STATE) return "CONNECTING";
    if (state == ZOO_EXPIRED_SESSION_STATE) return "EXPIRED";
    if (state == ZOO_AUTH_FAILED_STATE) return "AUTH_FAILED";
    return "OTHER";
}

static const char *event_name(int type) {
    if (type == ZOO_CREATED_EVENT) return "CREATED";
    if (type == ZOO_DELETED_EVENT) return "DELETED";
    if (type == ZOO_CHANGED_EVENT) return "CHANGED";
    if (type == ZOO_CHILD_EVENT) return "CHILD";
    if (type == ZOO_NOTWATCHING_EVENT) return "NOTWATCHING";
    return "SESSION";
}

/* The watcher of a client as a whole: its states go into the journal once it has a name. */
static void on_session(zhandle_t *zh, int type, int state, const char *path, void *context) {
    client_t *client = context;
    (void)zh;
    if (type != ZOO_SESSION_EVENT) {
        note("%s %s", event_name(type), path);
        return;
    }
    pthread_mutex_lock(&lock);
    const char *name = client->name;
    client->state = state;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    if (name != NULL) note("%s %s", name, state_name(state));
}

/* A watcher of znodes; its context is a name for the journal, or NULL. Changes of state are no business of it. */
__attribute__((unused)) static void on_event(zhandle_t *zh, int type, int state, const char *path, void *context) {
    (void)zh, (void)state;
    if (type == ZOO_SESSION_EVENT) return;
    if (context == NULL) note("%s %s", event_name(type), path);
    else note("%s: %s %s", (const char *)context, event_name(type), path);
}

static int await_state(client_t *client, int state) {
    struct timespec deadline = deadline_in(WAIT_S);
    int error = 0;
    pthread_mutex_lock(&lock);
    while (client->state != state && error == 0) error = pthread_cond_timedwait(&changed, &lock, &deadline);
    pthread_mutex_unlock(&lock);
    return error;
}

/* A client of `hosts`, connected; it ends with the check. */
static client_t *connect_to(const char *hosts, int timeout_ms, const clientid_t *id) {
    client_t *client = &clients[client_count++];
    client->name = NULL;
    client->state = 0;
    client->zh = zookeeper_init(hosts, on_session, timeout_ms, id, client, 0);
    if (client->zh == NULL || await_state(client, ZOO_CONNECTED_STATE) != 0) fail("no connection to %s", hosts);
    return client;
}

static const char *place_at(const char *port) {
    static char hosts[256];
    snprintf(hosts, sizeof hosts, "127.0.0.1:%s%s", port, place);
    return hosts;
}

/* A client in the place of this check. */
__attribute__((unused)) static client_t *open_client(void) { return connect_to(place_at(server_port), 10000, NULL); }

/* Has something done to the way that can be cut: cut, close, open, hold (which the next open ends). */
__attribute__((unused)) static void ask(const char *what) {
    char line[64];
    printf("@%s\n", what);
    if (fgets(line, sizeof line, stdin) == NULL) exit(3);
}

/* One that can be cut off; its states are in the journal under its name from now on. */
__attribute__((unused)) static client_t *open_by_way_of_cut(const char *name, int timeout_ms) {
    ask("open");
    client_t *client = connect_to(place_at(cut_port), timeout_ms, NULL);
    pthread_mutex_lock(&lock);
    client->name = name;
    pthread_mutex_unlock(&lock);
    return client;
}

__attribute__((unused)) static void close_client(client_t *client) {
    zookeeper_close(client->zh);
    client->zh = NULL;
}

static void on_synced(int rc, const char *value, const void *data) {
    (void)rc, (void)value;
    pthread_mutex_lock(&lock);
    *(int *)data = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* Waits until the server answered everything before, and all callbacks ran. */
__attribute__((unused)) static void settle(client_t *client) {
    static int is_done;
    struct timespec deadline = deadline_in(WAIT_S);
    is_done = 0;
    if (zoo_async(client->zh, "/", on_synced, &is_done) != ZOK) return;
    pthread_mutex_lock(&lock);
    while (!is_done)
        if (pthread_cond_timedwait(&changed, &lock, &deadline) != 0) break;
    pthread_mutex_unlock(&lock);
}

__attribute__((unused)) static int create(client_t *client, const char *path, const char *data, int mode) {
    return zoo_create(client->zh, path, data, data == NULL ? -1 : (int)strlen(data), &ZOO_OPEN_ACL_UNSAFE, mode, NULL, 0);
}

__attribute__((unused)) static int set(client_t *client, const char *path, const char *data) {
    return zoo_set(client->zh, path, data, (int)strlen(data), -1);
}

/* The data as a text, or the code in brackets. The text lives until the next call but three. */
__attribute__((unused)) static const char *get(client_t *client, const char *path) {
    static char texts[4][1024];
    static int at;
    char *text = texts[at++ % 4];
    int length = 1023;
    int rc = zoo_get(client->zh, path, 0, text, &length, NULL);
    if (rc != ZOK) snprintf(text, 1024, "(%d)", rc);
    else text[length < 0 ? 0 : length] = 0;
    return text;
}

static void run_check(const char *name, void (*check)(void)) {
    char hosts[64];
    check_name = name;
    check_failed = 0;
    client_count = 0;
    journal(0);
    snprintf(hosts, sizeof hosts, "127.0.0.1:%s", server_port);
    snprintf(place, sizeof place, "/%s-%d", name, (int)getpid());
    client_t *root = connect_to(hosts, 10000, NULL);
    if (create(root, place, NULL, 0) != ZOK) fail("its place is taken");
    close_client(root);
    if (!check_failed) check();
    for (int i = 0; i < client_count; i++) {
        clients[i].name = NULL;
        if (clients[i].zh != NULL) zookeeper_close(clients[i].zh);
    }
    if (check_failed) checks_failed++;
    else {
        checks_passed++;
        printf("ok %s\n", name);
    }
}

#define RUN(check) run_check(#check, check)

static void begin(int argc, char **argv) {
    if (argc != 3) exit(2);
    setvbuf(stdout, NULL, _IOLBF, 0);
    server_port = argv[1];
    cut_port = argv[2];
    zoo_set_debug_level(0);
}

static int end(void) {
    printf("done: %d passed, %d failed\n", checks_passed, checks_failed);
    return checks_failed > 0;
}

#endif
