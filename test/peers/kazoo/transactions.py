"""Transactions of kazoo: all or nothing, each operation with its result."""

from kazoo.exceptions import (
    BadVersionError,
    NodeExistsError,
    NoNodeError,
    NotEmptyError,
    RolledBackError,
    RuntimeInconsistency,
)

from checks import check, expect, main


def kinds(results):
    return [type(result) for result in results]


@check
def each_operation_has_its_result(peer):
    client = peer.client()
    client.create("/a", b"1")
    client.create("/b")
    transaction = client.transaction()

    transaction.create("/c", b"new")
    transaction.set_data("/a", b"2")
    transaction.check("/a", 1)
    transaction.delete("/b")
    results = transaction.commit()

    expect(results[0], "/c")
    expect(results[1], client.exists("/a"))
    expect(results[2:], [True, True])
    expect(sorted(client.get_children("/")), ["a", "c"])
    expect(client.get("/c")[0], b"new")


@check
def all_operations_are_one_change(peer):
    client = peer.client()
    transaction = client.transaction()

    transaction.create("/a")
    transaction.create("/a/b")
    transaction.set_data("/a", b"1")
    transaction.commit()

    one, two = client.exists("/a"), client.exists("/a/b")
    expect((one.czxid, one.mzxid, one.pzxid), (two.czxid,) * 3)
    expect((one.version, one.cversion, one.numChildren), (1, 1, 1))


@check
def the_first_failure_undoes_all(peer):
    client = peer.client()
    client.create("/a", b"1")
    before = client.exists("/a")
    transaction = client.transaction()

    transaction.set_data("/a", b"2")
    transaction.create("/b")
    transaction.delete("/missing")
    transaction.create("/c")
    transaction.create("/a")
    results = transaction.commit()

    expect(
        kinds(results),
        [RolledBackError, RolledBackError, NoNodeError, RuntimeInconsistency, RuntimeInconsistency],
    )
    expect(client.exists("/a"), before)
    expect(client.get_children("/"), ["a"])


@check
def each_kind_of_operation_can_fail(peer):
    client = peer.client()
    client.create("/a/b", makepath=True)

    def outcome(add):
        transaction = client.transaction()
        add(transaction)
        return kinds(transaction.commit())

    expect(outcome(lambda t: t.create("/a")), [NodeExistsError])
    expect(outcome(lambda t: t.create("/x/y")), [NoNodeError])
    expect(outcome(lambda t: t.delete("/a")), [NotEmptyError])
    expect(outcome(lambda t: t.delete("/a/b", version=7)), [BadVersionError])
    expect(outcome(lambda t: t.set_data("/a", b"", version=7)), [BadVersionError])
    expect(outcome(lambda t: t.check("/a", 7)), [BadVersionError])
    expect(outcome(lambda t: t.check("/x", 0)), [NoNodeError])


@check
def an_operation_sees_those_before_it(peer):
    client = peer.client()
    transaction = client.transaction()

    transaction.create("/a", b"1")
    transaction.set_data("/a", b"2", version=0)
    transaction.check("/a", 1)
    transaction.delete("/a", version=1)
    transaction.create("/a", b"3")
    results = transaction.commit()

    expect(results[0], "/a")
    expect(results[2:], [True, True, "/a"])
    expect(client.get("/a")[0], b"3")
    expect(client.exists("/a").version, 0)


@check
def modes_hold_inside_too(peer):
    one, two = peer.clients()
    transaction = one.transaction()

    transaction.create("/s-", sequence=True)
    transaction.create("/s-", sequence=True, ephemeral=True)
    transaction.create("/e", ephemeral=True)
    results = transaction.commit()

    expect(results, ["/s-0000000000", "/s-0000000001", "/e"])
    expect(two.exists("/e").ephemeralOwner, one.client_id[0])
    one.stop()
    expect(two.get_children("/"), ["s-0000000000"])


@check
def an_empty_transaction_gives_nothing(peer):
    expect(peer.client().transaction().commit(), [])


@check
def a_thousand_operations_fit(peer):
    client = peer.client()
    transaction = client.transaction()

    for i in range(1000):
        transaction.create("/n%04d" % i, b"%d" % i)
    results = transaction.commit()

    expect(results, ["/n%04d" % i for i in range(1000)])
    expect(client.exists("/n0000").czxid, client.exists("/n0999").czxid)


@check
def leaving_the_context_commits(peer):
    client = peer.client()

    with client.transaction() as transaction:
        transaction.create("/a", b"1")
        transaction.create("/b", b"2")

    expect(sorted(client.get_children("/")), ["a", "b"])


@check
def another_client_sees_all_or_nothing(peer):
    one, two = peer.clients()
    one.create("/a", b"0")
    one.create("/b", b"0")

    results = []
    for i in range(1, 101):
        transaction = one.transaction()
        transaction.set_data("/a", b"%d" % i)
        transaction.set_data("/b", b"%d" % i)
        results.append(transaction.commit_async())
        reader = two.transaction()
        stat = two.exists("/a")
        reader.check("/a", stat.version)
        reader.check("/b", stat.version)
        outcome = reader.commit()
        # Both have moved on, or neither has.
        if outcome != [True, True]:
            expect(kinds(outcome), [BadVersionError, RuntimeInconsistency])
    for result in results:
        result.get(timeout=20)


if __name__ == "__main__":
    main()
