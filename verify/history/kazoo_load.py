"""A load of kazoo clients that run free: HOST:PORT, number of clients, requests of each, seed."""
import random
import sys
import threading

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException

HOSTS, CLIENTS, REQUESTS, SEED = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
NAMES = "abc"


def path(chance):
    return "".join("/" + chance.choice(NAMES) for _ in range(chance.randint(1, 3)))


def request(zk, chance, watch):
    kind = chance.choice(["create", "create", "delete", "set", "get", "exists", "children", "multi"])
    where = path(chance)
    if kind == "create":
        return zk.create_async(where, b"%d" % chance.randint(0, 99), ephemeral=chance.random() < 0.3, sequence=chance.random() < 0.3)
    if kind == "delete":
        return zk.delete_async(where)
    if kind == "set":
        return zk.set_async(where, b"%d" % chance.randint(0, 99))
    if kind == "get":
        return zk.get_async(where, watch=watch)
    if kind == "exists":
        return zk.exists_async(where, watch=watch)
    if kind == "children":
        return zk.get_children_async(where, watch=watch)
    transaction = zk.transaction()
    transaction.create(path(chance))
    transaction.set_data(path(chance), b"x")
    return transaction.commit_async()


def run(number):
    chance = random.Random(SEED * 1000 + number)
    zk = KazooClient(hosts=HOSTS, timeout=30)
    zk.start(timeout=20)
    waiting = []
    for _ in range(REQUESTS):
        waiting.append(request(zk, chance, lambda event: None))
        if chance.random() < 0.3:
            finish(waiting)
    finish(waiting)
    zk.stop()
    zk.close()


def finish(waiting):
    for result in waiting:
        try:
            result.get(timeout=20)
        except KazooException:
            pass
    waiting.clear()


threads = [threading.Thread(target=run, args=(number,)) for number in range(CLIENTS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
