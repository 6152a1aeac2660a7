"""What it costs to send a source's layers, from what they have lately been sent with. Pure: time is passed in."""

import math
from collections.abc import Collection, Mapping

from meetroom.conference.schema import Kind, Layer

NOMINAL: Mapping[Kind, Mapping[Layer, float]] = {
    Kind.MIC: dict.fromkeys(Layer, 56.0),
    Kind.CAMERA: {Layer.LOW: 115.0, Layer.MID: 330.0, Layer.HIGH: 960.0},
    Kind.SCREEN: dict.fromkeys(Layer, 1600.0),
}
"""kbit/s at which browsers are told to send, for layers that have not been seen yet."""
PACKET = 44
"""Bytes of a packet beside its payload: header, extensions, authentication tag."""


class Rate:
    """kbit/s of one stream from its counters, smoothed."""

    TIME = 2.0  # seconds, of the smoothing
    LEAST = 0.4  # between two looks

    def __init__(self) -> None:
        self.kbps: float | None = None
        self._before: tuple[int, float] | None = None

    def count(self, octets: int, packets: int, now: float) -> None:
        """`octets` of payload and `packets` since the stream began."""
        total = octets + PACKET * packets
        if self._before is None:
            self._before = total, now
        before, at = self._before
        passed = now - at
        if total < before:  # another stream
            self.kbps, self._before = None, (total, now)
        elif passed >= self.LEAST:
            kbps = (total - before) / passed / 125
            share = 1 - math.exp(-passed / self.TIME)
            self.kbps = kbps if self.kbps is None else self.kbps + (kbps - self.kbps) * share
            self._before = total, now


def costs(kind: Kind, live: Mapping[Layer, float], expected: Collection[Layer]) -> dict[Layer, float]:
    """kbit/s of sending at most each layer, or what comes instead of it (the next lower one, else the lowest): `live` are
    those that arrive, `expected` those that may still come. Where nothing comes, what browsers are told to send."""
    coming = {layer: live.get(layer, NOMINAL[kind][layer]) for layer in Layer if layer in live or layer in expected}
    if not coming:
        return dict(NOMINAL[kind])
    result: dict[Layer, float] = {}
    rate = next(iter(coming.values()))
    for layer in Layer:
        rate = result[layer] = max(rate, coming.get(layer, 0.0))
    return result
