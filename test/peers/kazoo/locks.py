"""kazoo's recipes that admit one after the other, each with clients that hold each other off."""

import datetime
import threading

from kazoo.exceptions import CancelledError, LockTimeout
from kazoo.recipe.lease import MultiNonBlockingLease, NonBlockingLease

from checks import Seen, Task, check, eventually, expect, expect_error, main


@check
def a_lock_admits_one_client(peer):
    one, two = peer.clients()
    first, second = one.Lock("/lock", "one"), two.Lock("/lock", "two")
    expect(first.acquire(timeout=20), True)

    expect(second.acquire(blocking=False), False)
    waiting = Task(second.acquire)
    eventually(lambda: second.contenders() == ["one", "two"])
    expect(waiting.is_done, False)
    first.release()

    expect(waiting.result(), True)
    expect(first.acquire(blocking=False), False)
    expect(second.contenders(), ["two"])
    second.release()
    expect(one.get_children("/lock"), [])


@check
def a_lock_is_given_in_the_order_of_asking(peer):
    clients = peer.clients(5)
    order = Seen()
    locks = [client.Lock("/lock", str(i)) for i, client in enumerate(clients)]
    locks[0].acquire(timeout=20)

    def pass_through(i):
        with locks[i]:
            order(i)

    tasks = []
    for i in range(1, 5):
        tasks.append(Task(pass_through, i))
        eventually(lambda: len(locks[0].contenders()) == i + 1)
    locks[0].release()

    expect(order.take(4), [1, 2, 3, 4])
    for task in tasks:
        task.result()


@check
def a_lock_falls_to_the_next_when_its_holder_goes(peer):
    one, two = peer.clients()
    first, second = one.Lock("/lock"), two.Lock("/lock")
    first.acquire(timeout=20)
    waiting = Task(second.acquire)
    eventually(lambda: len(two.get_children("/lock")) == 2)

    one.stop()

    expect(waiting.result(), True)


@check
def waiting_for_a_lock_can_end(peer):
    one, two = peer.clients()
    first, second = one.Lock("/lock", "one"), two.Lock("/lock", "two")
    first.acquire(timeout=20)

    expect_error(LockTimeout, second.acquire, timeout=0.3)
    waiting = Task(second.acquire)
    eventually(lambda: len(first.contenders()) == 2)
    second.cancel()

    expect_error(CancelledError, waiting.result)
    expect(first.contenders(), ["one"])


@check
def a_lock_protects_a_counter_of_many_threads(peer):
    clients = peer.clients(4)
    clients[0].create("/n", b"0")

    def count(client):
        for _ in range(10):
            with client.Lock("/lock"):
                value = int(client.get("/n")[0])
                client.set("/n", b"%d" % (value + 1))

    for task in [Task(count, client) for client in clients]:
        task.result()

    expect(clients[0].get("/n")[0], b"40")


@check
def readers_share_and_a_writer_waits(peer):
    one, two = peer.clients()
    three = peer.client()
    read1, read2 = one.ReadLock("/lock", "r1"), two.ReadLock("/lock", "r2")
    write = three.WriteLock("/lock", "w")
    expect((read1.acquire(timeout=20), read2.acquire(timeout=20)), (True, True))

    expect(write.acquire(blocking=False), False)
    waiting = Task(write.acquire)
    eventually(lambda: len(one.get_children("/lock")) == 3)
    read1.release()
    expect(waiting.is_done, False)
    read2.release()

    expect(waiting.result(), True)
    expect(read1.acquire(blocking=False), False)


@check
def a_reader_waits_for_the_writer_before_it(peer):
    one, two = peer.clients()
    write, read = one.WriteLock("/lock"), two.ReadLock("/lock")
    write.acquire(timeout=20)
    waiting = Task(read.acquire)
    eventually(lambda: len(one.get_children("/lock")) == 2)
    expect(waiting.is_done, False)

    write.release()

    expect(waiting.result(), True)


@check
def a_semaphore_admits_as_many_as_it_has_leases(peer):
    clients = peer.clients(3)
    semaphores = [client.Semaphore("/sem", "s%d" % i, max_leases=2) for i, client in enumerate(clients)]
    expect((semaphores[0].acquire(timeout=20), semaphores[1].acquire(timeout=20)), (True, True))

    expect(semaphores[2].acquire(blocking=False), False)
    waiting = Task(semaphores[2].acquire)
    eventually(lambda: len(clients[0].get_children("/sem-__lock__")) == 1)
    expect(waiting.is_done, False)
    semaphores[0].release()

    expect(waiting.result(), True)
    expect(set(semaphores[0].lease_holders()), {"s1", "s2"})


@check
def the_leases_of_a_semaphore_are_agreed_upon(peer):
    one, two = peer.clients()
    one.Semaphore("/sem", max_leases=2).acquire(timeout=20)

    expect_error(ValueError, two.Semaphore("/sem", max_leases=3).acquire, timeout=20)


@check
def a_lease_is_held_for_its_time(peer):
    one, two = peer.clients()
    now = [datetime.datetime(2030, 1, 1)]
    minute = datetime.timedelta(minutes=1)

    def lease(client, name):
        return bool(NonBlockingLease(client, "/lease", minute, identifier=name, utcnow=lambda: now[0]))

    expect((lease(one, "one"), lease(two, "two")), (True, False))
    now[0] += minute / 2
    expect(lease(one, "one"), True)
    now[0] += minute / 2
    expect(lease(two, "two"), False)
    now[0] += minute
    expect((lease(two, "two"), lease(one, "one")), (True, False))


@check
def several_leases_go_to_several_clients(peer):
    clients = peer.clients(3)
    hour = datetime.timedelta(hours=1)

    held = [
        bool(MultiNonBlockingLease(client, 2, "/leases", hour, identifier="c%d" % i))
        for i, client in enumerate(clients)
    ]

    expect(held, [True, True, False])


@check
def an_election_has_one_leader_at_a_time(peer):
    clients = peer.clients(3)
    leaders = Seen()
    may_go = [threading.Event() for _ in clients]

    def lead(i):
        leaders(i)
        may_go[i].wait(20)

    elections = [client.Election("/election", "c%d" % i) for i, client in enumerate(clients)]
    tasks = []
    for i, election in enumerate(elections):
        tasks.append(Task(election.run, lead, i))
        eventually(lambda: len(elections[0].contenders()) == i + 1)

    expect(elections[2].contenders(), ["c0", "c1", "c2"])
    for i in range(3):
        expect(leaders.next(), i)
        expect(leaders.now(), [])
        may_go[i].set()
    for task in tasks:
        task.result()
    expect(elections[0].contenders(), [])


@check
def the_next_leads_when_the_leader_goes(peer):
    one, two = peer.clients()
    leaders = Seen()
    never = threading.Event()

    def lead(name):
        leaders(name)
        never.wait(20)

    # Its session ends while it leads; what becomes of its thread is of no interest.
    Task(one.Election("/election", "one").run, lead, "one")
    expect(leaders.next(), "one")
    second = two.Election("/election", "two")
    waiting = Task(second.run, lead, "two")
    eventually(lambda: second.contenders() == ["one", "two"])

    one.stop()

    expect(leaders.next(), "two")
    never.set()
    waiting.result()


@check
def a_candidate_can_withdraw(peer):
    one, two = peer.clients()
    leaders = Seen()
    never = threading.Event()

    def lead(name):
        leaders(name)
        never.wait(20)

    first, second = one.Election("/election", "one"), two.Election("/election", "two")
    leading = Task(first.run, lead, "one")
    expect(leaders.next(), "one")
    waiting = Task(second.run, lead, "two")
    eventually(lambda: len(first.contenders()) == 2)

    second.cancel()

    waiting.result()
    expect(first.contenders(), ["one"])
    expect(leaders.now(), [])
    never.set()
    leading.result()


if __name__ == "__main__":
    main()
