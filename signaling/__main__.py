"""`python -m signaling`: the web process of one server."""

from gevent import monkey

monkey.patch_all()

import gc
import logging
import signal

import gevent
import structlog
from gevent import pywsgi

from config.settings import Settings
from meetroom.door import Door
from meetroom.http import House
from meetroom.meetings import service as meetings
from meetroom.operation.addresses import host, reachable
from meetroom.operation.plain import plain_app
from meetroom.people import sessions
from meetroom.store.blobs import Blobs
from meetroom.store.engine import open_store
from signaling.server import WebProcess, https, raise_file_limit
from signaling.turn import Turn

RENEWAL_S = 60


def main() -> None:
    settings = Settings.load()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level.upper())))
    raise_file_limit()
    name = host(settings)
    store = open_store(settings.database)
    house = House(
        store=store,
        door=Door(store, roles=meetings.roles),
        blobs=Blobs(settings.blobs),
        recordings=settings.recordings,
        box_port=settings.box_port,
        identify=sessions.actor,
        pages=settings.pages,
        url=f"https://{name}:{settings.port}",
        session_hours=settings.session_hours,
        login_attempts=settings.login_attempts,
        login_window_minutes=settings.login_window_minutes,
        upload_bytes=settings.upload_mb * 1_000_000,
        keep_days=settings.papers_days,
    )
    turn = Turn(settings.turn_urls, settings.turn_key, settings.turn_minutes)
    web = WebProcess(house, settings.media_token_file.read_text().strip(), turn, settings.metrics_token, settings.box_socket)
    web.start()
    address = str(settings.bind)
    secure = https(web.app, (address, settings.port), settings.certificate, settings.certificate_key)
    hosts = [name, *(str(a) for a in reachable(settings)), "127.0.0.1", "localhost"]
    plain = pywsgi.WSGIServer(
        (address, settings.http_port), plain_app(settings.ca_certificate, hosts, settings.port), log=None, error_log=None
    )

    def renew() -> None:
        while True:
            gevent.sleep(RENEWAL_S)
            secure.certificate.load_cert_chain(settings.certificate, settings.certificate_key)

    def stop() -> None:
        web.io.emit("restarting", {"retry_after": 1})
        gevent.sleep(0.2)
        plain.stop(timeout=1)
        secure.stop(timeout=1)

    gevent.signal_handler(signal.SIGTERM, stop)
    gevent.signal_handler(signal.SIGINT, stop)
    gevent.spawn(renew)
    gc.freeze()  # what is loaded stays: looking for garbage in it would keep everybody waiting each time
    plain.start()
    secure.serve_forever()


if __name__ == "__main__":
    main()
