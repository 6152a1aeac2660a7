"""The papers worker, a process of its own: `python -m meetroom.documents.worker`.

Two lanes take jobs, have the work done in a confined process, keep what comes out as blobs and report it through their own
door; the web process reads the journal and tells everybody.
"""

import signal
import sys
import threading
from functools import partial

import structlog

from config.settings import Settings
from meetroom.documents.lane import Lane
from meetroom.documents.rendering import Renderer
from meetroom.door import Door
from meetroom.meetings import service as meetings
from meetroom.store.blobs import Blobs
from meetroom.store.engine import open_store

log = structlog.get_logger()


def main() -> None:
    """One lane takes everything, the other nothing that is known to be slow: a difficult file delays nobody's first page."""
    settings = Settings.load()
    stop, failed = threading.Event(), threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    store = open_store(settings.database)
    door, blobs = Door(store, roles=meetings.roles), Blobs(settings.blobs)

    manifests: dict[tuple[int, int], float] = {}

    def work(quick: bool) -> None:
        try:
            with Renderer() as renderer:
                Lane(store, door, blobs, renderer, settings.upload_pages, quick=quick, stop=stop, manifests=manifests).run()
        except BaseException:
            log.exception("a lane ended")
            failed.set()
            stop.set()

    lanes = [threading.Thread(target=partial(work, quick)) for quick in (True, False)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    sys.exit(failed.is_set())


if __name__ == "__main__":
    main()
