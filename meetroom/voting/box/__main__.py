"""`python -m meetroom.voting.box`: the Box of one server, a process of its own with files of its own."""

from gevent import monkey

monkey.patch_all()

import os
import signal
import socket
import ssl
from pathlib import Path

import gevent
import structlog
from gevent import pywsgi

from config.settings import Settings
from meetroom.voting.box.box import Box
from meetroom.voting.box.server import PER_SECOND, Budget, control, public
from meetroom.voting.secret import proof

log = structlog.get_logger()
BATCH = 0.15  # seconds in which what arrives is written together
RENEWAL = 60  # seconds


def main() -> None:
    settings = Settings.load()
    hub = gevent.get_hub()
    hub.exception_stream = None  # a broken request would be printed with the address it came from
    gevent.hub.Hub.NOT_ERROR = (*gevent.hub.Hub.NOT_ERROR, ssl.SSLError)
    box = Box(settings.box, settings.box_key_file.read_text())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.certificate, settings.certificate_key)
    address = (str(settings.bind), settings.box_port)
    quiet = {"log": None, "error_log": None}
    outside = pywsgi.WSGIServer(address, public(box, Budget(PER_SECOND)), ssl_context=context, backlog=1024, **quiet)
    inside = pywsgi.WSGIServer(listen(settings.box_socket), control(box, proof.public_of(box.key)), **quiet)

    def work() -> None:
        while True:
            gevent.sleep(BATCH)
            try:
                box.beat()
            except Exception as error:
                log.error("the Box could not write", kind=type(error).__name__)

    def renew() -> None:
        while True:
            gevent.sleep(RENEWAL)
            context.load_cert_chain(settings.certificate, settings.certificate_key)

    def stop() -> None:
        box.beat()
        outside.stop(timeout=1)
        inside.stop(timeout=1)

    gevent.signal_handler(signal.SIGTERM, stop)
    gevent.signal_handler(signal.SIGINT, stop)
    gevent.spawn(work)
    gevent.spawn(renew)
    inside.start()
    outside.serve_forever()


def listen(path: Path) -> socket.socket:
    """The socket file, for this account only."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(16)
    return listener


if __name__ == "__main__":
    main()
