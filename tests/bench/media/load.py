"""The packet path of the load generator (load.c) as Python sees it."""

import threading
from pathlib import Path
from typing import Any

import cffi

HERE = Path(__file__).parent
LIBRARY = Path("build/bench/load.so")

ffi = cffi.FFI()
ffi.cdef((HERE / "load.h").read_text())


class Load:
    """`with Load() as load`: a thread sends and receives until the end of the block. Numbers of peers and streams are
    those of load.h."""

    def __init__(self) -> None:
        self.c: Any = ffi.dlopen(str(LIBRARY.resolve()))
        self._load = self.c.load_new()
        self._thread = threading.Thread(target=self.c.load_run, args=(self._load,))

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.c.load_stop(self._load)
        self._thread.join()
        self.c.load_free(self._load)

    def peer(self, **spec: Any) -> int:
        held = {name: ffi.from_buffer(spec[name]) for name in ("send_key", "receive_key", "check")}
        held["profile"] = ffi.new("char[]", spec["profile"].encode())
        return int(self.c.load_peer(self._load, ffi.new("peer_spec *", {**spec, **held, "check_size": len(spec["check"])})))

    def stream(self, **spec: Any) -> int:
        return int(self.c.load_stream(self._load, ffi.new("stream_spec *", spec)))

    def pause(self, on: bool) -> None:
        self.c.load_pause(self._load, on)

    def enable(self, stream: int, on: bool) -> None:
        if self._thread.is_alive():  # tablets are told what to send also when nothing is sent any more
            self.c.load_enable(self._load, stream, on)

    def level(self, stream: int, dbov: int) -> None:
        self.c.load_level(self._load, stream, dbov)

    def rate(self, stream: int, kbps: int) -> None:
        self.c.load_rate(self._load, stream, kbps)

    def reset(self) -> None:
        self.c.load_reset(self._load)

    def sum(self) -> dict[str, int]:
        totals = self.c.load_sum(self._load)
        return {name: getattr(totals, name) for name, _ in ffi.typeof("load_totals").fields}

    def received(self, peer: int) -> int:
        return int(self.c.load_received(self._load, peer))

    def pictures(self, peer: int) -> int:
        return int(self.c.load_pictures(self._load, peer))

    def latency(self, part: float) -> float:
        """Milliseconds within which that part of what verifying peers got since `reset` had arrived."""
        return float(self.c.load_latency(self._load, part)) * 1000
