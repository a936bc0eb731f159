"""Runs the checks of a program against the server at KAZOO_PEER and prints one line of JSON: what passed, and what failed why.

A check is a function with the decorator `check`. It gets a `Peer`: an empty place in the tree, and clients that are stopped at its
end. Nothing waits without a limit.
"""

import faulthandler
import json
import logging
import os
import queue
import sys
import threading
import time
import traceback
import uuid

from kazoo.client import KazooClient

from cut import Cut

HOST, PORT = os.environ["KAZOO_PEER"].split(":")
# The certificate that a server with TLS has to show.
CERTIFICATE = os.environ.get("KAZOO_PEER_CERTIFICATE")
TLS = {"use_ssl": True, "ca": CERTIFICATE} if CERTIFICATE else {}
# The longest that anything here may take, expired sessions included.
WAIT_S = 20
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


class Peer:
    """A place of its own on the server, and clients that see nothing else."""

    def __init__(self):
        self.chroot = "/peer-" + uuid.uuid4().hex
        self._clients = []
        self._cuts = []
        root = self.client(chroot="")
        root.ensure_path(self.chroot)

    def client(self, **options):
        """A client that is connected."""
        client = self.idle_client(**options)
        client.start(WAIT_S)
        return client

    def idle_client(self, chroot=None, port=PORT, **options):
        """One that is not connected yet."""
        place = self.chroot if chroot is None else chroot
        client = KazooClient("%s:%s%s" % (HOST, port, place), **dict({"timeout": 10}, **TLS, **options))
        self._clients.append(client)
        return client

    def clients(self, count=2):
        return [self.client() for _ in range(count)]

    def cut(self):
        """A way to the server that can be cut."""
        cut = Cut(int(PORT))
        self._cuts.append(cut)
        return cut

    def end(self):
        for cut in self._cuts:
            cut.open()
        for client in self._clients:
            client.stop()
            client.close()
        for cut in self._cuts:
            cut.close()


class Seen:
    """Collects what callbacks are called with, in order."""

    def __init__(self):
        self._items = queue.Queue()

    def __call__(self, *args):
        self._items.put(args[0] if len(args) == 1 else args)

    def next(self):
        return self._items.get(timeout=WAIT_S)

    def take(self, count):
        return [self.next() for _ in range(count)]

    def until(self, expected):
        """All up to and including `expected`."""
        items = [self.next()]
        while items[-1] != expected:
            items.append(self.next())
        return items

    def now(self):
        """What came and was not taken yet."""
        items = []
        while not self._items.empty():
            items.append(self._items.get())
        return items


class Task:
    """A function on a thread of its own."""

    def __init__(self, function, *args):
        self._outcome = queue.Queue()
        self._thread = threading.Thread(target=self._run, args=(function, args), daemon=True)
        self._thread.start()

    @property
    def is_done(self):
        return not self._outcome.empty()

    def result(self):
        """What the function gave, or its error."""
        value, error = self._outcome.get(timeout=WAIT_S)
        if error is not None:
            raise error
        return value

    def _run(self, function, args):
        try:
            self._outcome.put((function(*args), None))
        except BaseException as error:
            self._outcome.put((None, error))


def expect(actual, expected):
    assert actual == expected, "%r, expected %r" % (actual, expected)


def expect_error(kind, function, *args, **options):
    """The error that the call raises; its class is `kind` exactly."""
    try:
        value = function(*args, **options)
    except Exception as error:
        assert type(error) is kind, "%r, expected %s" % (error, kind.__name__)
        return error
    raise AssertionError("gave %r, expected %s" % (value, kind.__name__))


def eventually(claim):
    """Waits until the function gives something true, and gives that."""
    deadline = time.monotonic() + WAIT_S
    while True:
        value = claim()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError("not within %d seconds: %s" % (WAIT_S, claim.__name__))
        time.sleep(0.02)


def shape(event):
    """A watch event without what differs from run to run."""
    return (event.type, event.path)


def run_check(function):
    peer = Peer()
    try:
        function(peer)
    finally:
        peer.end()


def main():
    logging.getLogger("kazoo").addHandler(logging.NullHandler())
    logging.getLogger("kazoo").propagate = False
    faulthandler.dump_traceback_later(150, exit=True)
    passed, failed = [], {}
    for function in CHECKS:
        try:
            run_check(function)
            passed.append(function.__name__)
        except Exception:
            failed[function.__name__] = traceback.format_exc()
    print(json.dumps({"passed": passed, "failed": failed}))
    sys.stdout.flush()
    # Threads of a client that would not stop must not keep a failed program here.
    os._exit(1 if failed else 0)
