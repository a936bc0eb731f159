"""kazoo's recipes in which clients meet, count and hand things over: barriers, queues, counters, parties, partitions."""

from checks import Seen, Task, check, eventually, expect, main


@check
def a_barrier_holds_until_it_is_removed(peer):
    one, two = peer.clients()
    barrier = one.Barrier("/barrier")
    barrier.create()

    expect(two.Barrier("/barrier").wait(0.2), False)
    waiting = Task(two.Barrier("/barrier").wait, 20)
    expect(waiting.is_done, False)
    expect(barrier.remove(), True)

    expect(waiting.result(), True)
    expect(barrier.remove(), False)
    expect(two.Barrier("/barrier").wait(0), True)


@check
def a_double_barrier_lets_all_in_and_all_out(peer):
    one, two = peer.clients()
    steps = Seen()

    def take_part(client, name):
        barrier = client.DoubleBarrier("/double", 2)
        barrier.enter()
        steps(name + " in")
        barrier.leave()
        steps(name + " out")

    first = Task(take_part, one, "one")
    eventually(lambda: len(two.retry(two.get_children, "/")) == 1 and len(two.get_children("/double")) == 1)
    expect(steps.now(), [])
    second = Task(take_part, two, "two")
    first.result()
    second.result()

    seen = steps.take(4)
    expect(sorted(seen), ["one in", "one out", "two in", "two out"])
    assert max(seen.index("one in"), seen.index("two in")) < max(seen.index("one out"), seen.index("two out"))
    expect(one.get_children("/double"), [])


@check
def a_queue_hands_each_item_to_one_client(peer):
    one, two = peer.clients()
    producer, consumer = one.Queue("/queue"), two.Queue("/queue")
    for i in range(10):
        producer.put(b"%d" % i)
    expect(len(consumer), 10)

    expect([consumer.get() for _ in range(5)], [b"0", b"1", b"2", b"3", b"4"])
    expect([producer.get() for _ in range(5)], [b"5", b"6", b"7", b"8", b"9"])

    expect(consumer.get(), None)


@check
def two_consumers_never_get_the_same(peer):
    one, two = peer.clients()
    producer = peer.client().Queue("/queue")
    for i in range(60):
        producer.put(b"%02d" % i)

    def consume(client):
        queue, got = client.Queue("/queue"), []
        while True:
            item = queue.get()
            if item is None:
                return got
            got.append(item)

    tasks = [Task(consume, one), Task(consume, two)]
    items = [item for task in tasks for item in task.result()]

    expect(sorted(items), [b"%02d" % i for i in range(60)])


@check
def urgent_items_go_first(peer):
    one, two = peer.clients()
    queue = one.Queue("/queue")
    queue.put(b"late", priority=900)
    queue.put(b"soon", priority=1)
    queue.put(b"then", priority=1)

    consumer = two.Queue("/queue")

    expect([consumer.get() for _ in range(3)], [b"soon", b"then", b"late"])


@check
def a_locking_queue_keeps_an_item_until_it_is_consumed(peer):
    one, two = peer.clients()
    first, second = one.LockingQueue("/queue"), two.LockingQueue("/queue")
    first.put_all([b"a", b"b"])

    expect((first.get(20), second.get(20)), (b"a", b"b"))
    expect((first.holds_lock(), second.holds_lock()), (True, True))
    expect(first.consume(), True)

    expect(first.get(0.2), None)
    expect(second.release(), True)
    expect(first.get(20), b"b")
    expect(first.consume(), True)
    expect(len(second), 0)


@check
def an_item_comes_back_when_its_consumer_goes(peer):
    one, two = peer.clients()
    first, second = one.LockingQueue("/queue"), two.LockingQueue("/queue")
    first.put(b"a")
    expect(first.get(20), b"a")
    waiting = Task(second.get, 20)

    one.stop()

    expect(waiting.result(), b"a")


@check
def a_locking_queue_wakes_who_waits(peer):
    one, two = peer.clients()
    waiting = Task(one.LockingQueue("/queue").get, 20)
    eventually(lambda: two.exists("/queue/entries"))

    two.LockingQueue("/queue").put(b"a")

    expect(waiting.result(), b"a")


@check
def a_counter_counts_for_all(peer):
    one, two = peer.clients()
    first, second = one.Counter("/count"), two.Counter("/count")

    first += 2
    second -= 5

    expect((first.value, second.value), (-3, -3))
    expect((second.pre_value, second.post_value), (2, -3))


@check
def counting_at_once_loses_nothing(peer):
    clients = peer.clients(4)

    def count(client):
        counter = client.Counter("/count")
        for _ in range(25):
            counter += 1

    for task in [Task(count, client) for client in clients]:
        task.result()

    expect(clients[0].Counter("/count").value, 100)


@check
def a_counter_can_be_of_fractions(peer):
    one, two = peer.clients()
    counter = one.Counter("/count", default=0.0)

    counter += 2.5

    expect(two.Counter("/count", default=0.0).value, 2.5)


@check
def a_party_knows_its_members(peer):
    one, two = peer.clients()
    first, second = one.Party("/party", "one"), two.Party("/party", "two")
    first.join()
    second.join()

    expect(sorted(first), ["one", "two"])
    expect((len(second), first.participating), (2, True))
    two.stop()
    expect(list(first), ["one"])
    first.leave()
    expect(len(first), 0)


@check
def a_shallow_party_knows_its_members_by_name(peer):
    one, two = peer.clients()
    first, second = one.ShallowParty("/party", "one"), two.ShallowParty("/party", "two")
    first.join()
    second.join()

    expect(sorted(second), ["one", "two"])
    first.leave()
    expect(list(second), ["two"])


@check
def a_set_is_shared_out_and_again_when_one_goes(peer):
    one, two = peer.clients()
    items = ("a", "b", "c", "d")
    shares = [
        client.SetPartitioner("/set", items, time_boundary=0.3, identifier="c%d" % i)
        for i, client in enumerate((one, two))
    ]

    def settled(partitioners):
        for partitioner in partitioners:
            if partitioner.release:
                partitioner.release_set()
            elif partitioner.failed:
                raise AssertionError("a partitioner failed")
        return all(partitioner.acquired for partitioner in partitioners)

    eventually(lambda: settled(shares) and sum(map(len, map(list, shares))) == 4)
    expect(sorted([*shares[0], *shares[1]]), list(items))
    expect((len(list(shares[0])), len(list(shares[1]))), (2, 2))
    shares[1].finish()
    eventually(lambda: settled(shares[:1]) and len(list(shares[0])) == 4)
    shares[0].finish()


if __name__ == "__main__":
    main()
