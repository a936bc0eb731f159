"""A load of kazoo clients that run free and live through losses of connections: HOST:PORT, number of clients, requests of each, seed."""
import logging
import random
import re
import sys
import threading

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.retry import KazooRetry

HOSTS, CLIENTS, REQUESTS, SEED = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
NAMES = "abc"
TRIES = 5
logging.disable(logging.CRITICAL)


def path(chance):
    return "".join("/" + chance.choice(NAMES) for _ in range(chance.randint(1, 3)))


def connect():
    """A client with a session. One whose first connections break may wait too long for the next: then another one tries."""
    for _ in range(TRIES):
        zk = KazooClient(hosts=HOSTS, timeout=30, connection_retry=KazooRetry(max_tries=-1, delay=0.01, max_delay=0.05))
        try:
            zk.start(timeout=5)
            return zk
        except zk.handler.timeout_exception:
            zk.close()
    raise RuntimeError("no connection")


class Load:
    """One client. Every write has bytes of its own, and sequential znodes are removed again."""

    def __init__(self, number):
        self.chance = random.Random(SEED * 1000 + number)
        self.number = number
        self.written = 0
        self.leftovers = []
        self.waiting = []
        self.is_done = False

    def data(self):
        self.written += 1
        return b"k%d:%d" % (self.number, self.written)

    def request(self, zk):
        chance = self.chance
        kind = chance.choice(["create", "create", "delete", "set", "get", "exists", "children", "multi"])
        where = path(chance)
        watch = lambda event: None
        if kind == "create":
            ephemeral, sequence = chance.random() < 0.3, chance.random() < 0.3
            # Sequential znodes that do not go with their session have names of their own.
            name = where + "-" if sequence and not ephemeral else where
            return zk.create_async(name, self.data(), ephemeral=ephemeral, sequence=sequence)
        if kind == "delete":
            return zk.delete_async(self.leftovers.pop() if self.leftovers and chance.random() < 0.7 else where)
        if kind == "set":
            return zk.set_async(where, self.data())
        if kind == "get":
            return zk.get_async(where, watch=watch)
        if kind == "exists":
            return zk.exists_async(where, watch=watch)
        if kind == "children":
            return zk.get_children_async(where, watch=watch)
        transaction = zk.transaction()
        transaction.create(path(chance), self.data())
        transaction.set_data(path(chance), self.data())
        return transaction.commit_async()

    def finish(self):
        for result in self.waiting:
            try:
                value = result.get(timeout=20)
                if isinstance(value, str) and re.search(r"-\d{10}$", value):
                    self.leftovers.append(value)
            except KazooException:
                pass
        self.waiting.clear()

    def run(self):
        zk = connect()
        for _ in range(REQUESTS):
            self.waiting.append(self.request(zk))
            if self.chance.random() < 0.3:
                self.finish()
        self.finish()
        zk.stop()
        zk.close()
        self.is_done = True


loads = [Load(number) for number in range(CLIENTS)]
threads = [threading.Thread(target=load.run) for load in loads]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(0 if all(load.is_done for load in loads) else 1)
