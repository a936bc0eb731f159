"""A door to a server on this machine, to be closed, so that clients lose their connections and get no new ones, or held, so that
bytes no longer go through."""

import socket
import threading


class Cut:
    """Passes bytes between its own port and the server's, while it is open."""

    def __init__(self, server_port):
        self._server_port = server_port
        self._lock = threading.Lock()
        self._sockets = set()
        self._listener = None
        self._passes = threading.Event()
        self._passes.set()
        self.port = 0
        self.open()

    @property
    def is_open(self):
        return self._listener is not None

    def open(self):
        """Listens, on the same port as before."""
        if self.is_open:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self.port = listener.getsockname()[1]
        self._listener = listener
        start(self._accept, listener)

    def close(self):
        """Refuses connections, after it has cut those there are."""
        listener, self._listener = self._listener, None
        if listener is not None:
            end(listener)
        self.cut()

    def cut(self):
        """Cuts the connections and takes new ones."""
        with self._lock:
            sockets, self._sockets = self._sockets, set()
        for each in sockets:
            end(each)

    def hold(self):
        """Keeps back all bytes, in both directions, until `let_go`."""
        self._passes.clear()

    def let_go(self):
        self._passes.set()

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server_port))
            with self._lock:
                is_open = self._listener is listener
                if is_open:
                    self._sockets |= {client, server}
            if not is_open:
                end(client)
                end(server)
                return
            start(self._pass, client, server)
            start(self._pass, server, client)

    def _pass(self, source, target):
        try:
            while True:
                data = source.recv(65536)
                self._passes.wait()
                if not data:
                    break
                target.sendall(data)
        except OSError:
            pass
        end(source)
        end(target)
        with self._lock:
            self._sockets -= {source, target}


def start(function, *args):
    threading.Thread(target=function, args=args, daemon=True).start()


def end(each):
    """Wakes whoever waits on the socket, on this side and on the other."""
    try:
        each.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    each.close()
