"""The cable between a browser and the server, which a story can pull out and put back."""

import contextlib
import socket
import threading
from typing import Self


class Cable:
    """Passes TCP on to a port of this machine while it is plugged in. Pulled out, it drops what runs over it and takes
    nothing new."""

    def __init__(self, to: int) -> None:
        self.to, self.plugged = to, True
        self.ends: set[socket.socket] = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()
        self.pull()

    def pull(self) -> None:
        self.plugged = False
        for end in list(self.ends):
            self._drop(end)

    def plug(self) -> None:
        self.plugged = True

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if not self.plugged:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.to))
            self.ends |= {near, far}
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(1 << 16):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            self._drop(end)

    def _drop(self, end: socket.socket) -> None:
        self.ends.discard(end)
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
