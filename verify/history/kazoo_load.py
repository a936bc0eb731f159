"""A load of kazoo clients that run free and live through losses of connections: HOST:PORT, number of clients, requests of each, seed."""
import collections
import logging
import os
import random
import re
import sys
import threading
import traceback

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.retry import KazooRetry

HOSTS, CLIENTS, REQUESTS, SEED = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
NAMES = "abc"
# More than kazoo itself takes to notice that nobody answers.
PATIENCE_S = 60
# Its own pauses, too.
random.seed(SEED)


class LastWords(logging.Handler):
    """What kazoo has said last, for whoever has to know why it did not go on."""

    def __init__(self):
        super().__init__()
        self.words = collections.deque(maxlen=20)

    def emit(self, record):
        self.words.append("%s: %s" % (record.threadName, record.getMessage()))


last_words = LastWords()
logging.getLogger().addHandler(last_words)
logging.getLogger().setLevel(logging.INFO)


def end_with_parent():
    """Whoever holds the other end of the input has ended: nobody reads along any more."""
    sys.stdin.read()
    os._exit(1)


def path(chance):
    return "".join("/" + chance.choice(NAMES) for _ in range(chance.randint(1, 3)))


def connect():
    """
    A client that had a connection. `start` will not do: it takes a connection that breaks before it has looked at it for one that
    never was, says that the time is over, and gives up.
    """
    zk = KazooClient(hosts=HOSTS, timeout=30, connection_retry=KazooRetry(max_tries=-1, delay=0.01, max_delay=0.05))
    if not zk.start_async().wait(PATIENCE_S):
        raise RuntimeError("no connection to %s within %d s, state %s" % (HOSTS, PATIENCE_S, zk.client_state))
    return zk


class Load:
    """One client. Every write has bytes of its own, and sequential znodes are removed again."""

    def __init__(self, number):
        self.chance = random.Random(SEED * 1000 + number)
        self.number = number
        self.written = 0
        self.leftovers = []
        self.waiting = []
        self.zk = None
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
            is_tidy = chance.random() < 0.7
            return zk.delete_async(self.leftovers.pop() if self.leftovers and is_tidy else where)
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
                value = result.get(timeout=PATIENCE_S)
                if isinstance(value, str) and re.search(r"-\d{10}$", value):
                    self.leftovers.append(value)
            except KazooException:
                pass
            except self.zk.handler.timeout_exception as error:
                raise RuntimeError("no answer within %d s, state %s" % (PATIENCE_S, self.zk.client_state)) from error
        self.waiting.clear()

    def run(self):
        zk = self.zk = connect()
        for _ in range(REQUESTS):
            self.waiting.append(self.request(zk))
            if self.chance.random() < 0.3:
                self.finish()
        self.finish()
        zk.stop()
        zk.close()
        self.is_done = True

    def try_to_run(self):
        """Says why it did not come to its end, and ends all: kazoo's threads would go on for ever."""
        try:
            self.run()
        except BaseException:
            sys.stderr.write("%s\nkazoo has said last:\n%s\n" % (traceback.format_exc(), "\n".join(last_words.words)))
            sys.stderr.flush()
            os._exit(1)


threading.Thread(target=end_with_parent, daemon=True).start()
loads = [Load(number) for number in range(CLIENTS)]
threads = [threading.Thread(target=load.try_to_run) for load in loads]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.stdout.flush()
os._exit(0 if all(load.is_done for load in loads) else 1)
