"""kazoo's sessions: resumed after a cut, expired after silence, taken over, and ended."""

import logging
import re
import time

from kazoo.exceptions import ConnectionLoss
from kazoo.protocol.states import KazooState

from checks import Seen, check, eventually, expect, expect_error, main, shape

# The least that a server with ticks of two seconds grants.
SHORT_S = 4


class Granted(logging.Handler):
    """Takes the timeout that the server granted out of what kazoo logs."""

    def __init__(self):
        super().__init__(1)
        self.timeout_ms = None

    def emit(self, record):
        found = re.search(r"negotiated session timeout: (\d+)", record.getMessage())
        if found:
            self.timeout_ms = int(found.group(1))


@check
def the_timeout_lies_within_the_bounds_of_the_server(peer):
    def granted(timeout_s):
        handler, logger = Granted(), logging.Logger("granted", 1)
        logger.addHandler(handler)
        peer.client(timeout=timeout_s, logger=logger)
        return handler.timeout_ms

    expect([granted(timeout_s) for timeout_s in (0.1, 4, 12, 40, 1000)], [4000, 4000, 12000, 40000, 40000])


@check
def a_cut_connection_resumes_its_session(peer):
    cut = peer.cut()
    client, other = peer.client(port=cut.port), peer.client()
    seen = Seen()
    client.add_listener(seen)
    session = client.client_id
    client.create("/a", ephemeral=True)

    cut.cut()

    expect(seen.take(2), [KazooState.SUSPENDED, KazooState.CONNECTED])
    expect(client.client_id, session)
    expect(other.exists("/a").ephemeralOwner, session[0])
    client.delete("/a")


@check
def a_call_in_flight_is_lost_with_its_connection(peer):
    cut = peer.cut()
    client = peer.client(port=cut.port)

    cut.hold()
    result = client.create_async("/a")
    cut.cut()

    expect_error(ConnectionLoss, result.get, timeout=20)
    cut.let_go()
    eventually(lambda: client.connected)
    client.retry(client.ensure_path, "/b")


@check
def twenty_cuts_do_not_end_a_session(peer):
    cut = peer.cut()
    client = peer.client(port=cut.port)
    seen = Seen()
    client.add_listener(seen)
    session = client.client_id

    for i in range(20):
        cut.cut()
        expect(seen.take(2), [KazooState.SUSPENDED, KazooState.CONNECTED])
        client.retry(client.ensure_path, "/n%d" % i)

    expect(client.client_id, session)
    expect(len(client.get_children("/")), 20)


@check
def a_server_that_is_back_in_time_finds_its_sessions(peer):
    cut = peer.cut()
    client = peer.client(port=cut.port, timeout=10)
    session = client.client_id
    seen = Seen()
    client.add_listener(seen)
    client.create("/a", ephemeral=True)

    cut.close()
    expect(seen.next(), KazooState.SUSPENDED)
    time.sleep(2)
    cut.open()

    expect(seen.next(), KazooState.CONNECTED)
    expect(client.client_id, session)
    expect(client.exists("/a").ephemeralOwner, session[0])


@check
def a_session_expires_after_silence_and_takes_its_ephemerals_along(peer):
    cut = peer.cut()
    client, other = peer.client(port=cut.port, timeout=SHORT_S), peer.client()
    session = client.client_id
    states, gone = Seen(), Seen()
    client.add_listener(states)
    client.create("/a", ephemeral=True)
    other.exists("/a", watch=gone)

    start = time.monotonic()
    cut.close()
    expect(shape(gone.next()), ("DELETED", "/a"))
    took = time.monotonic() - start

    # Rounded up to the next tick, and no sooner than the timeout after the last word of the client.
    assert 1.5 < took < SHORT_S + 4, took
    cut.open()
    expect(states.take(3), [KazooState.SUSPENDED, KazooState.LOST, KazooState.CONNECTED])
    assert client.client_id[0] != session[0]
    client.create("/a", ephemeral=True)


@check
def pings_keep_a_silent_session(peer):
    client, other = peer.client(timeout=SHORT_S), peer.client()
    states = Seen()
    client.add_listener(states)
    client.create("/a", ephemeral=True)

    time.sleep(SHORT_S * 2.2)

    expect(states.now(), [])
    expect(other.exists("/a").ephemeralOwner, client.client_id[0])


@check
def a_client_that_hangs_is_expired(peer):
    cut = peer.cut()
    client, other = peer.client(port=cut.port, timeout=SHORT_S), peer.client()
    gone = Seen()
    client.create("/a", ephemeral=True)
    other.exists("/a", watch=gone)

    # The connection stays, and no byte goes through.
    cut.hold()

    expect(shape(gone.next()), ("DELETED", "/a"))
    cut.let_go()
    cut.cut()


@check
def a_session_can_be_taken_over_with_its_password(peer):
    cut = peer.cut()
    first = peer.client(port=cut.port)
    session = first.client_id
    first.create("/a", ephemeral=True)

    second = peer.idle_client(client_id=session)
    cut.close()
    second.start(20)

    expect(second.client_id, session)
    expect(second.exists("/a").ephemeralOwner, session[0])
    second.stop()
    second.close()
    expect(peer.client().exists("/a"), None)


@check
def a_wrong_password_takes_nothing_over(peer):
    owner = peer.client()
    owner.create("/a", ephemeral=True)
    session, password = owner.client_id
    wrong = bytes([password[0] ^ 1]) + password[1:]

    thief = peer.client(client_id=(session, wrong))

    assert thief.client_id[0] != session
    eventually(lambda: owner.connected)
    expect(owner.retry(owner.exists, "/a").ephemeralOwner, session)


@check
def an_unknown_session_is_told_to_begin_anew(peer):
    client = peer.client(client_id=(0x1234567890, b"0123456789abcdef"))

    assert client.client_id[0] != 0x1234567890
    expect(client.create("/a"), "/a")


@check
def a_stopped_client_begins_a_new_session(peer):
    client, other = peer.clients()
    session = client.client_id
    client.create("/a", ephemeral=True)

    client.stop()
    expect(other.exists("/a"), None)
    client.start()

    assert client.client_id[0] != session[0]
    expect(client.exists("/a"), None)


@check
def a_session_that_another_ended_is_expired(peer):
    cut = peer.cut()
    client = peer.client(port=cut.port)
    states = Seen()
    client.add_listener(states)
    ender = peer.idle_client(client_id=client.client_id)
    session = client.client_id[0]

    cut.close()
    ender.start(20)
    expect(ender.client_id[0], session)
    ender.stop()
    ender.close()
    cut.open()

    expect(states.take(3), [KazooState.SUSPENDED, KazooState.LOST, KazooState.CONNECTED])
    assert client.client_id[0] != session


@check
def a_data_watch_of_kazoo_catches_up_after_a_cut(peer):
    cut = peer.cut()
    reader, writer = peer.client(port=cut.port), peer.client()
    writer.create("/a", b"0")
    seen = Seen()
    reader.DataWatch("/a", lambda data, stat: seen(data))
    expect(seen.next(), b"0")

    cut.close()
    writer.set("/a", b"1")
    cut.open()

    expect(seen.next(), b"1")
    writer.set("/a", b"2")
    expect(seen.next(), b"2")


@check
def watches_of_kazoo_outlive_their_session(peer):
    cut = peer.cut()
    reader, writer = peer.client(port=cut.port, timeout=SHORT_S), peer.client()
    writer.create("/a", b"0")
    data, children, states = Seen(), Seen(), Seen()
    reader.DataWatch("/a", lambda value, stat: data(value))
    reader.ChildrenWatch("/a", lambda names: children(sorted(names)))
    expect((data.next(), children.next()), (b"0", []))
    reader.add_listener(states)

    cut.hold()
    states.until(KazooState.SUSPENDED)
    time.sleep(SHORT_S + 3)
    writer.set("/a", b"1")
    writer.create("/a/b")
    cut.let_go()
    cut.cut()
    states.until(KazooState.LOST)
    states.until(KazooState.CONNECTED)

    expect(data.until(b"1")[-1], b"1")
    expect(children.until(["b"])[-1], ["b"])
    writer.set("/a", b"2")
    expect(data.until(b"2")[-1], b"2")


@check
def a_client_that_comes_back_with_a_wrong_password_begins_anew(peer):
    client = peer.client()
    states = Seen()
    client.add_listener(states)
    session, password = client.client_id
    # kazoo shows this password when it comes back, and the server knows it as wrong.
    client._session_passwd = bytes([password[0] ^ 1]) + password[1:]

    client._connection._socket.shutdown(2)

    expect(states.take(3), [KazooState.SUSPENDED, KazooState.LOST, KazooState.CONNECTED])
    assert client.client_id[0] != session


@check
def many_sessions_live_side_by_side(peer):
    clients = peer.clients(20)

    for i, client in enumerate(clients):
        client.create("/e%02d" % i, ephemeral=True)

    expect(len({client.client_id[0] for client in clients}), 20)
    for client in clients[:19]:
        client.stop()
    expect(clients[19].get_children("/"), ["e19"])


if __name__ == "__main__":
    main()
