"""kazoo's chroot: a client that sees its part of the tree as the whole."""

from kazoo.exceptions import NoNodeError

from checks import Seen, check, expect, expect_error, main, shape


@check
def paths_begin_at_the_chroot(peer):
    inside, root = peer.client(), peer.client(chroot="")

    expect(inside.create("/a", b"1"), "/a")

    expect(root.get(peer.chroot + "/a")[0], b"1")
    expect(inside.get_children("/"), ["a"])


@check
def sequential_paths_are_told_without_the_chroot(peer):
    inside = peer.client()

    expect(inside.create("/s-", sequence=True), "/s-0000000000")
    expect(inside.create("/t-", sequence=True, include_data=True)[0], "/t-0000000001")


@check
def results_of_transactions_are_told_without_the_chroot(peer):
    transaction = peer.client().transaction()
    transaction.create("/a")
    transaction.create("/a/b-", sequence=True)

    expect(transaction.commit(), ["/a", "/a/b-0000000000"])


@check
def events_are_told_without_the_chroot(peer):
    inside, root = peer.client(), peer.client(chroot="")
    seen = Seen()
    inside.exists("/a", watch=seen)

    root.create(peer.chroot + "/a")

    expect(shape(seen.next()), ("CREATED", "/a"))


@check
def a_chroot_may_be_created_by_its_client(peer):
    client = peer.client(chroot=peer.chroot + "/deeper")
    expect_error(NoNodeError, client.create, "/a")

    client.ensure_path("/")

    expect(client.create("/a"), "/a")
    expect(peer.client().get_children("/deeper"), ["a"])


@check
def the_root_is_the_chroot_itself(peer):
    inside, root = peer.client(), peer.client(chroot="")

    stat = inside.set("/", b"data of the chroot")

    expect(root.get(peer.chroot), (b"data of the chroot", stat))


@check
def two_chroots_do_not_meet(peer):
    root = peer.client()
    root.create("/one")
    root.create("/two")
    one, two = [peer.client(chroot=peer.chroot + name) for name in ("/one", "/two")]

    one.create("/a", b"1")

    expect(two.exists("/a"), None)
    expect(one.sync("/a"), "/a")


if __name__ == "__main__":
    main()
