"""The end of a WebSocket under gevent and TLS."""

import contextlib
import socket
from typing import Any

from engineio.async_drivers import gevent as driver


class OrderlyWebSocket(driver.WebSocketWSGI):  # type: ignore[misc]  # an untyped package
    """A WebSocket whose reader has ended before its request does.

    simple-websocket reads in a greenlet of its own. pywsgi closes the descriptor when a request ends, while the TLS object
    above it lives on; the kernel gives the number to the next connection, and a reader that still waits would take the
    next connection's bytes.
    """

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        try:
            return super().__call__(environ, start_response)
        finally:
            ended = getattr(self, "ws", None)  # none when the handshake failed
            if ended is not None:
                with contextlib.suppress(OSError):
                    ended.sock._sock.shutdown(socket.SHUT_RDWR)  # below TLS: the reader sees the end at once
                ended.thread.join()


def install() -> None:
    """Have Engine.IO use it."""
    driver._async["websocket"] = OrderlyWebSocket
