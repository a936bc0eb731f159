"""kazoo's watches: the one-shot ones of the protocol, and the lasting ones that kazoo builds from them."""

from kazoo.exceptions import NoNodeError
from kazoo.recipe.watchers import PatientChildrenWatch

from checks import Seen, check, eventually, expect, expect_error, main, shape


@check
def a_data_watch_fires_once_for_the_first_change(peer):
    reader, writer = peer.clients()
    writer.create("/a", b"1")
    seen = Seen()
    reader.get("/a", watch=seen)

    writer.set("/a", b"2")
    writer.set("/a", b"3")
    reader.sync("/a")

    expect(shape(seen.next()), ("CHANGED", "/a"))
    reader.get("/a")
    expect(seen.now(), [])


@check
def a_data_watch_fires_for_the_end_of_its_znode(peer):
    reader, writer = peer.clients()
    writer.create("/a")
    seen = Seen()
    reader.get("/a", watch=seen)

    writer.delete("/a")

    expect(shape(seen.next()), ("DELETED", "/a"))


@check
def an_exists_watch_waits_for_a_znode(peer):
    reader, writer = peer.clients()
    seen = Seen()
    expect(reader.exists("/a", watch=seen), None)

    writer.create("/a")

    expect(shape(seen.next()), ("CREATED", "/a"))


@check
def an_exists_watch_on_a_znode_is_a_data_watch(peer):
    reader, writer = peer.clients()
    writer.create("/a")
    seen = Seen()
    reader.exists("/a", watch=seen)

    writer.set("/a", b"1")

    expect(shape(seen.next()), ("CHANGED", "/a"))


@check
def a_child_watch_fires_once_for_children_alone(peer):
    reader, writer = peer.clients()
    writer.create("/a")
    seen = Seen()
    reader.get_children("/a", watch=seen)

    writer.set("/a", b"1")
    writer.create("/a/b")
    writer.create("/a/c")
    reader.sync("/a")

    expect(shape(seen.next()), ("CHILD", "/a"))
    reader.get("/a")
    expect(seen.now(), [])


@check
def a_child_watch_fires_for_the_end_of_a_child_and_of_its_znode(peer):
    reader, writer = peer.clients()
    writer.create("/a/b", makepath=True)
    seen = Seen()

    reader.get_children("/a", watch=seen, include_data=True)
    writer.delete("/a/b")
    expect(shape(seen.next()), ("CHILD", "/a"))
    reader.get_children("/a", watch=seen)
    writer.delete("/a")

    expect(shape(seen.next()), ("DELETED", "/a"))


@check
def a_watch_that_found_no_znode_is_none(peer):
    reader, writer = peer.clients()
    seen = Seen()
    expect_error(NoNodeError, reader.get, "/a", watch=seen)
    expect_error(NoNodeError, reader.get_children, "/a", watch=seen)

    writer.create("/a")
    writer.create("/a/b")
    reader.sync("/a")
    reader.get("/a")

    expect(seen.now(), [])


@check
def all_watchers_of_a_change_hear_of_it(peer):
    reader, writer = peer.clients()
    writer.create("/a/b", makepath=True)
    data, exists, children, parent = Seen(), Seen(), Seen(), Seen()
    reader.get("/a/b", watch=data)
    reader.exists("/a/b", watch=exists)
    reader.get_children("/a/b", watch=children)
    reader.get_children("/a", watch=parent)

    writer.delete("/a/b")

    for seen in (data, exists, children):
        expect(shape(seen.next()), ("DELETED", "/a/b"))
    expect(shape(parent.next()), ("CHILD", "/a"))


@check
def a_watcher_given_twice_hears_once(peer):
    reader, writer = peer.clients()
    writer.create("/a")
    seen = Seen()
    reader.get("/a", watch=seen)
    reader.get("/a", watch=seen)

    writer.set("/a", b"1")

    expect(shape(seen.next()), ("CHANGED", "/a"))
    reader.sync("/a")
    expect(seen.now(), [])


@check
def a_transaction_fires_for_each_of_its_changes(peer):
    reader, writer = peer.clients()
    writer.create("/a")
    seen = Seen()
    reader.get("/a", watch=seen)
    reader.exists("/b", watch=seen)
    reader.get_children("/", watch=seen)
    transaction = writer.transaction()
    transaction.set_data("/a", b"1")
    transaction.create("/b")

    transaction.commit()

    expect([shape(event) for event in seen.take(3)], [("CHANGED", "/a"), ("CREATED", "/b"), ("CHILD", "/")])


@check
def a_refused_transaction_fires_nothing(peer):
    reader, writer = peer.clients()
    writer.create("/a")
    seen = Seen()
    reader.get("/a", watch=seen)
    transaction = writer.transaction()
    transaction.set_data("/a", b"1")
    transaction.delete("/missing")

    transaction.commit()

    reader.sync("/a")
    reader.get("/a")
    expect(seen.now(), [])


@check
def the_end_of_a_session_fires_for_its_ephemerals(peer):
    reader, writer = peer.clients()
    writer.create("/a", ephemeral=True)
    seen = Seen()
    reader.exists("/a", watch=seen)

    writer.stop()

    expect(shape(seen.next()), ("DELETED", "/a"))


@check
def a_data_watch_of_kazoo_goes_on(peer):
    reader, writer = peer.clients()
    seen = Seen()

    @reader.DataWatch("/a")
    def changed(data, stat, event):
        seen((data, stat.version if stat else None, event.type if event else None))

    expect(seen.next(), (None, None, None))
    writer.create("/a", b"0")
    expect(seen.next(), (b"0", 0, "CREATED"))
    for i in (1, 2, 3):
        writer.set("/a", b"%d" % i)
        expect(seen.next(), (b"%d" % i, i, "CHANGED"))
    writer.delete("/a")
    expect(seen.next(), (None, None, "DELETED"))
    writer.create("/a", b"again")
    expect(seen.next(), (b"again", 0, "CREATED"))


@check
def a_data_watch_of_kazoo_ends_when_told(peer):
    reader, writer = peer.clients()
    writer.create("/a", b"0")
    seen = Seen()

    @reader.DataWatch("/a")
    def changed(data, stat):
        seen(data)
        return data != b"1"

    expect(seen.next(), b"0")
    writer.set("/a", b"1")
    expect(seen.next(), b"1")
    writer.set("/a", b"2")
    reader.sync("/a")
    reader.get("/a")
    expect(seen.now(), [])


@check
def a_children_watch_of_kazoo_goes_on(peer):
    reader, writer = peer.clients()
    writer.create("/a")
    seen = Seen()

    @reader.ChildrenWatch("/a", send_event=True)
    def changed(children, event):
        seen((sorted(children), event and shape(event)))

    expect(seen.next(), ([], None))
    writer.create("/a/b")
    expect(seen.next(), (["b"], ("CHILD", "/a")))
    writer.create("/a/c")
    expect(seen.next(), (["b", "c"], ("CHILD", "/a")))
    writer.delete("/a/b")
    expect(seen.next(), (["c"], ("CHILD", "/a")))


@check
def a_patient_watch_waits_until_the_children_rest(peer):
    reader, writer = peer.clients()
    writer.create("/a")

    result = PatientChildrenWatch(reader, "/a", time_boundary=0.5).start()
    for i in range(5):
        writer.create("/a/%d" % i)
    children, changed = result.get(timeout=20)

    expect(sorted(children), ["0", "1", "2", "3", "4"])
    writer.create("/a/5")
    changed.get(timeout=20)


@check
def a_tree_cache_follows_the_tree(peer):
    from kazoo.recipe.cache import TreeCache, TreeEvent

    reader, writer = peer.clients()
    cache = TreeCache(reader, "/a")
    seen = Seen()
    cache.listen(lambda event: seen(event.event_type))
    cache.start()

    writer.create("/a/b/c", b"1", makepath=True)
    eventually(lambda: cache.get_data("/a/b/c"))
    writer.set("/a/b/c", b"2")
    eventually(lambda: cache.get_data("/a/b/c").data == b"2")
    expect(cache.get_children("/a/b"), {"c"})
    writer.delete("/a", recursive=True)
    eventually(lambda: cache.get_data("/a") is None)

    for _ in range(3):
        seen.until(TreeEvent.NODE_REMOVED)
    cache.close()


@check
def a_thousand_watches_fire_each_once(peer):
    reader, writer = peer.clients()
    seen = Seen()
    for result in [writer.create_async("/%04d" % i) for i in range(1000)]:
        result.get(timeout=20)
    for result in [reader.get_async("/%04d" % i, watch=seen) for i in range(1000)]:
        result.get(timeout=20)

    for result in [writer.set_async("/%04d" % i, b"1") for i in range(1000)]:
        result.get(timeout=20)

    events = seen.take(1000)
    expect([shape(event) for event in events], [("CHANGED", "/%04d" % i) for i in range(1000)])
    reader.sync("/")
    expect(seen.now(), [])


if __name__ == "__main__":
    main()
