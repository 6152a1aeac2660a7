"""Which engine runs: the native one where it was built, else the reference with a warning."""

import importlib
import logging

from media.engine import Engine, Name
from media.engine.reference import Reference

log = logging.getLogger(__name__)


def open(host: str, port: int, engine: Name | None = None) -> Engine:
    """Raises OSError if the port is taken (0 takes a free one), ImportError if `engine` is asked for and not built."""
    if engine != "reference":
        try:
            native = importlib.import_module("media.engine.native")
        except ImportError as error:
            if engine == "native":
                raise
            log.warning("the native packet engine does not run here, the slow one in Python takes its place: %s", error)
        else:
            opened: Engine = native.Native(host, port)
            return opened
    return Reference(host, port)
