"""Creating, reading, writing and deleting with kazoo, and the Stat that each leaves."""

import time

from kazoo.exceptions import BadVersionError
from kazoo.protocol.states import KeeperState

from checks import check, expect, expect_error, main


@check
def a_client_is_connected_with_a_session(peer):
    client = peer.client()
    session, password = client.client_id

    expect(client.client_state, KeeperState.CONNECTED)
    assert session != 0
    expect(len(password), 16)


@check
def a_new_znode_has_a_fresh_stat(peer):
    client = peer.client()

    expect(client.create("/a", b"four"), "/a")
    data, stat = client.get("/a")

    expect(data, b"four")
    expect(stat.czxid, stat.mzxid)
    expect(stat.czxid, stat.pzxid)
    expect(stat.ctime, stat.mtime)
    assert abs(stat.ctime / 1000 - time.time()) < 60
    expect((stat.version, stat.cversion, stat.aversion), (0, 0, 0))
    expect((stat.ephemeralOwner, stat.dataLength, stat.numChildren), (0, 4, 0))
    expect(client.exists("/a"), stat)


@check
def a_create_that_asks_for_it_gives_the_stat(peer):
    client = peer.client()

    path, stat = client.create("/a", b"1", include_data=True)

    expect(path, "/a")
    expect(stat, client.exists("/a"))


@check
def a_create_with_stat_has_modes_too(peer):
    client = peer.client()

    path, stat = client.create("/s-", b"1", ephemeral=True, sequence=True, include_data=True)

    expect(path, "/s-0000000000")
    expect(stat.ephemeralOwner, client.client_id[0])


@check
def a_persistent_znode_outlives_its_session(peer):
    one, two = peer.clients()
    one.create("/a", b"1")

    one.stop()

    expect(two.get("/a")[0], b"1")


@check
def an_ephemeral_znode_names_its_session_and_ends_with_it(peer):
    one, two = peer.clients()
    one.create("/a", ephemeral=True)
    expect(two.exists("/a").ephemeralOwner, one.client_id[0])

    one.stop()

    expect(two.exists("/a"), None)


@check
def sequence_numbers_count_what_was_created_under_the_parent(peer):
    client = peer.client()

    paths = [client.create("/n-", sequence=True) for _ in range(3)]
    client.delete(paths[2])
    client.create("/between")
    paths.append(client.create("/n-", sequence=True))

    expect(paths, ["/n-0000000000", "/n-0000000001", "/n-0000000002", "/n-0000000004"])


@check
def a_sequence_may_have_no_name_but_its_number(peer):
    client = peer.client()
    client.create("/a")

    expect(client.create("/a/", sequence=True), "/a/0000000000")


@check
def an_ephemeral_sequence_is_both(peer):
    one, two = peer.clients()

    path = one.create("/e-", ephemeral=True, sequence=True)

    expect(path, "/e-0000000000")
    expect(two.exists(path).ephemeralOwner, one.client_id[0])
    one.stop()
    expect(two.get_children("/"), [])


@check
def makepath_creates_the_parents(peer):
    client = peer.client()

    expect(client.create("/a/b/c", b"deep", makepath=True), "/a/b/c")

    expect(client.get("/a/b/c")[0], b"deep")
    expect(client.get("/a/b")[0], b"")


@check
def ensure_path_is_content_with_what_is_there(peer):
    client = peer.client()
    client.create("/a", b"kept")

    client.ensure_path("/a/b/c")
    client.ensure_path("/a/b/c")

    expect(client.get("/a")[0], b"kept")
    expect(client.get_children("/a/b"), ["c"])


@check
def a_set_counts_the_version_and_keeps_the_creation(peer):
    client = peer.client()
    client.create("/a", b"1")
    before = client.exists("/a")

    after = client.set("/a", b"two")

    expect(after, client.exists("/a"))
    expect((after.version, after.cversion, after.aversion, after.dataLength), (1, 0, 0, 3))
    expect((after.czxid, after.ctime, after.pzxid), (before.czxid, before.ctime, before.pzxid))
    assert after.mzxid > before.mzxid
    assert after.mtime >= before.mtime


@check
def a_version_has_to_be_the_present_one(peer):
    client = peer.client()
    client.create("/a", b"1")
    client.set("/a", b"2", version=0)

    expect_error(BadVersionError, client.set, "/a", b"3", version=0)
    expect_error(BadVersionError, client.delete, "/a", version=0)
    expect(client.get("/a")[0], b"2")

    client.delete("/a", version=1)
    expect(client.exists("/a"), None)


@check
def a_parent_counts_its_children(peer):
    client = peer.client()
    client.create("/a")

    stat1 = client.create("/a/b", include_data=True)[1]
    client.create("/a/c")
    children, stat = client.get_children("/a", include_data=True)

    expect(sorted(children), ["b", "c"])
    expect((stat.numChildren, stat.cversion, stat.version), (2, 2, 0))
    assert stat.pzxid > stat1.czxid
    client.delete("/a/b")
    stat = client.exists("/a")
    expect((stat.numChildren, stat.cversion), (1, 3))


@check
def every_byte_and_none_at_all_can_be_data(peer):
    client = peer.client()
    for i, data in enumerate([bytes(range(256)), b"", b"\0"]):
        client.create("/d%d" % i, data)
        expect(client.get("/d%d" % i)[0], data)
        expect(client.exists("/d%d" % i).dataLength, len(data))


@check
def data_can_be_null(peer):
    client = peer.client()
    client.create("/a", None)
    expect(client.get("/a")[0], None)

    client.set("/a", b"1")
    client.set("/a", None)

    data, stat = client.get("/a")
    expect((data, stat.version, stat.dataLength), (None, 2, 0))


@check
def a_million_bytes_go_both_ways(peer):
    client = peer.client()
    data = bytes(i % 251 for i in range(1000 * 1000))

    client.create("/a", data)

    expect(client.get("/a")[0] == data, True)


@check
def a_name_can_be_in_any_script(peer):
    client = peer.client()
    names = ["Straße", "смысл", "木", "a b"]

    for name in names:
        expect(client.create("/" + name, name.encode()), "/" + name)

    expect(sorted(client.get_children("/")), sorted(names))
    for name in names:
        expect(client.get("/" + name)[0].decode(), name)


@check
def thousands_of_children_come_in_one_reply(peer):
    client = peer.client()
    names = ["child-%05d-%s" % (i, "x" * 20) for i in range(3000)]

    results = [client.create_async("/" + name) for name in names]
    for result in results:
        result.get(timeout=20)

    expect(sorted(client.get_children("/")), names)


@check
def requests_are_answered_in_the_order_they_were_made(peer):
    client = peer.client()
    client.create("/a", b"0")

    order = []
    results = []
    for i in range(200):
        results.append(client.set_async("/a", b"%d" % i))
        results.append(client.get_async("/a"))
    for i, result in enumerate(results):
        result.rawlink(lambda _, i=i: order.append(i))
    values = [result.get(timeout=20) for result in results]

    expect([data for data, _ in values[1::2]], [b"%d" % i for i in range(200)])
    expect([stat.version for stat in values[0::2]], list(range(1, 201)))
    client.sync("/a")
    expect(order, list(range(400)))


@check
def a_recursive_delete_leaves_nothing(peer):
    client = peer.client()
    client.create("/a/b/c/d", makepath=True)
    client.create("/a/e")

    client.delete("/a", recursive=True)

    expect(client.exists("/a"), None)


@check
def sync_gives_the_path(peer):
    client = peer.client()
    client.create("/a")

    expect(client.sync("/a"), "/a")


@check
def the_server_tells_its_health_and_version(peer):
    client = peer.client()

    expect(client.command(b"ruok"), "imok")
    assert client.server_version() >= (3, 8), client.server_version()
    srvr = client.command(b"srvr")
    assert "Zookeeper version: " in srvr and "Mode: standalone" in srvr, srvr


@check
def two_clients_see_one_tree(peer):
    one, two = peer.clients()

    one.create("/a", b"1")
    stat = two.set("/a", b"2")

    expect(one.get("/a"), (b"2", stat))


if __name__ == "__main__":
    main()
