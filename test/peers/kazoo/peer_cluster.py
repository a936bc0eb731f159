"""A pytest plugin that lends kazoo's own tests a server that runs already.

kazoo's harness would start an ensemble of JVMs itself. Here `get_global_cluster` gives a cluster of one server instead, at the
address in KAZOO_PEER. A server that somebody else started cannot be stopped, so the tests named in KAZOO_PEER_STOPPED (a JSON list)
reach it by way of three `Cut`s: to its clients a closed one is a server that was stopped and lost nothing. The outcome of each test goes as
JSON to the file KAZOO_PEER_RESULTS.
"""

import gc
import json
import os
import sys
import types
import unittest.mock

import pytest
from kazoo.testing import harness

from cut import Cut



def count_objects(type_name):
    return sum(type(each).__name__ == type_name for each in gc.get_objects())


# Two packages that kazoo's tests import: the first is in the standard library by now, of the second they use one function.
sys.modules.setdefault("mock", unittest.mock)
sys.modules.setdefault("objgraph", types.SimpleNamespace(count=count_objects))

HOST, PORT = os.environ["KAZOO_PEER"].split(":")
STOPPED = set(json.loads(os.environ.get("KAZOO_PEER_STOPPED", "[]")))


class RunningServer:
    """A server that this process does not own."""

    running = True
    address = "%s:%s" % (HOST, PORT)

    def run(self):
        pass

    def stop(self):
        raise AssertionError("this test stops its server: name it in KAZOO_PEER_STOPPED")


class StoppableServer:
    """The same server behind a door that closes."""

    def __init__(self):
        self._cut = Cut(int(PORT))
        self.address = "127.0.0.1:%d" % self._cut.port

    @property
    def running(self):
        return self._cut.is_open

    def run(self):
        self._cut.open()

    def stop(self):
        self._cut.close()


class Cluster(list):
    """What the harness asks of a cluster."""

    def start(self):
        for server in self:
            server.run()

    def stop(self):
        for server in self:
            server.stop()

    def terminate(self):
        pass


class Clusters:
    """The cluster of the test that runs now."""

    def __init__(self):
        self.outcomes = {}
        self._running = Cluster([RunningServer()])
        self._stoppable = None
        self.now = self._running

    def choose(self, name):
        if name not in STOPPED:
            self.now = self._running
            return
        if self._stoppable is None:
            self._stoppable = Cluster(StoppableServer() for _ in range(3))
        self.now = self._stoppable


CLUSTERS = Clusters()
harness.get_global_cluster = lambda: CLUSTERS.now


def name_of(nodeid):
    """tests/test_lock.py::KazooLockTests::test_lock becomes test_lock.py::KazooLockTests::test_lock."""
    return nodeid.rsplit("/", 1)[-1]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    CLUSTERS.choose(name_of(item.nodeid))


def pytest_runtest_logreport(report):
    name = name_of(report.nodeid)
    if report.when == "call" or report.outcome != "passed":
        if CLUSTERS.outcomes.get(name) != "failed":
            CLUSTERS.outcomes[name] = report.outcome


def pytest_sessionfinish():
    with open(os.environ["KAZOO_PEER_RESULTS"], "w") as results:
        json.dump(CLUSTERS.outcomes, results)
