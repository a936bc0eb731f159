"""Recipes of kazoo that are told what to do: `kazoo-recipes.py HOST:PORT SESSION_TIMEOUT_MS`.

Each line of input is a JSON list `[id, name, verb, ...arguments]`, each line of output `{"id": ..., "value": ...}` or
`{"id": ..., "error": ...}`. `make` gives a recipe a name; what is said to one name is done on one thread, in order. Times are
milliseconds. The end of the input ends the session.
"""

import json
import queue
import sys
import threading

from kazoo.client import KazooClient
from kazoo.exceptions import LockTimeout


class Held:
    """A lock, a side of a read/write lock, or a lease of a semaphore."""

    def __init__(self, recipe):
        self._recipe = recipe

    def acquire(self, timeout):
        try:
            return bool(self._recipe.acquire(timeout=timeout / 1000))
        except LockTimeout:
            return False

    def release(self):
        return bool(self._recipe.release())

    def contenders(self):
        return self._recipe.contenders()

    def holders(self):
        return sorted(self._recipe.lease_holders())


class Lead:
    """An election: kazoo leads as long as a function runs, so this one runs until the release."""

    def __init__(self, election):
        self._election = election
        self._over = threading.Event()
        self._thread = None

    def acquire(self, timeout):
        won, over = threading.Event(), threading.Event()

        def lead():
            won.set()
            over.wait()

        thread = threading.Thread(target=self._election.run, args=(lead,), daemon=True)
        thread.start()
        self._over, self._thread = over, thread
        if won.wait(timeout / 1000):
            return True
        self._election.cancel()
        while thread.is_alive() and not won.is_set():
            thread.join(0.01)
        return won.is_set()

    def release(self):
        self._over.set()
        self._thread.join()
        return True

    def contenders(self):
        return self._election.contenders()


class Number:
    def __init__(self, counter):
        self._counter = counter

    def get(self):
        return self._counter.value

    def add(self, amount):
        self._counter += amount
        return self._counter.post_value


class Gate:
    """A barrier."""

    def __init__(self, barrier):
        self._barrier = barrier

    def set(self):
        self._barrier.create()

    def remove(self):
        self._barrier.remove()

    def wait(self, timeout):
        return self._barrier.wait(timeout / 1000)


class Together:
    """A double barrier. kazoo's knows no time limit, and tells of a failure by not participating."""

    def __init__(self, barrier):
        self._barrier = barrier

    def enter(self):
        self._barrier.enter()
        return self._barrier.participating

    def leave(self):
        self._barrier.leave()
        return True


class Guest:
    """A member of a party."""

    def __init__(self, party):
        self._party = party

    def join(self):
        self._party.join()

    def leave(self):
        self._party.leave()

    def members(self):
        return sorted(self._party)


class Tasks:
    """A locking queue."""

    def __init__(self, tasks):
        self._tasks = tasks

    def put(self, value, priority):
        self._tasks.put(value.encode("utf-8"), priority)

    def get(self, timeout):
        value = self._tasks.get(timeout / 1000)
        return None if value is None else value.decode("utf-8")

    def consume(self):
        return self._tasks.consume()

    def release(self):
        return self._tasks.release()

    def size(self):
        return len(self._tasks)


KINDS = {
    "lock": lambda client, path, identifier: Held(client.Lock(path, identifier)),
    "read": lambda client, path, identifier: Held(client.ReadLock(path, identifier)),
    "write": lambda client, path, identifier: Held(client.WriteLock(path, identifier)),
    "semaphore": lambda client, path, identifier, leases: Held(client.Semaphore(path, identifier, leases)),
    "election": lambda client, path, identifier: Lead(client.Election(path, identifier)),
    "counter": lambda client, path: Number(client.Counter(path)),
    "curatorCounter": lambda client, path: Number(client.Counter(path, support_curator=True)),
    "barrier": lambda client, path: Gate(client.Barrier(path)),
    "doubleBarrier": lambda client, path, count: Together(client.DoubleBarrier(path, count)),
    "group": lambda client, path, identifier: Guest(client.Party(path, identifier)),
    "queue": lambda client, path: Tasks(client.LockingQueue(path)),
}
OUTPUT = threading.Lock()


class Actor:
    """A recipe and the thread that it lives on."""

    def __init__(self, make):
        self._calls = queue.Queue()
        self._make = make
        threading.Thread(target=self._run, daemon=True).start()

    def tell(self, number, verb, arguments):
        self._calls.put((number, verb, arguments))

    def _run(self):
        recipe = self._make()
        while True:
            number, verb, arguments = self._calls.get()
            try:
                answer = {"value": getattr(recipe, verb)(*arguments)}
            except Exception as error:
                answer = {"error": "%s: %s" % (type(error).__name__, error)}
            say(dict(answer, id=number))


def say(answer):
    with OUTPUT:
        print(json.dumps(answer), flush=True)


def main(hosts, timeout):
    client = KazooClient(hosts, timeout=int(timeout) / 1000)
    client.start(20)
    say({"id": 0, "value": "ready"})
    actors = {}
    for line in sys.stdin:
        number, name, verb, *arguments = json.loads(line)
        if verb == "make":
            kind, *rest = arguments
            actors[name] = Actor(lambda kind=kind, rest=rest: KINDS[kind](client, *rest))
            say({"id": number, "value": None})
        else:
            actors[name].tell(number, verb, arguments)
    client.stop()


main(*sys.argv[1:])
