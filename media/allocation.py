"""What of the wanted pictures and voices fits into the estimate of one peer's way down. Pure: time is passed in.

Voices come first, then the stage in its best layer, then the gallery as far as it goes. A weak way is relieved step by
step (`Quality`), at once; it climbs again only when the estimate has carried the higher step with a margin for a while. All
rates are kbit/s of whole datagrams."""

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from media.plan import Feed
from meetroom.conference.schema import Layer, PeerPlan, Quality, Reason, Want

LADDER = tuple(Quality)
"""The best first."""
LAYERS = {Quality.HIGH: Layer.HIGH, Quality.MID: Layer.MID, Quality.LOW: Layer.LOW, Quality.STILLS: Layer.LOW}
FULL = (Quality.HIGH, Quality.MID, Quality.LOW)
"""Those with a gallery."""
LAYERS_UP = tuple(Layer)
ORDER = {layer: place for place, layer in enumerate(LAYERS_UP)}
ALL = 99
"""No limit to the voices."""

VOICE = 56.0
"""One voice: Opus at 32 kbit/s in 50 packets a second."""
LEAST = 24.0
"""Below this not even one voice is worth trying."""
STILL = 0.3
"""A key frame is as long as the average of so many seconds."""

Rates = Mapping[Feed, Mapping[Layer, float]]
"""Of each picture that is being sent: what it costs to send at most that layer."""


class Grant(NamedTuple):
    """What a peer is sent. `plan`: of what was wanted, as much as fits. `stills`: of the stage only single pictures.
    `voices`: how many at most. `wish`: the estimate at which nothing would be missing."""

    plan: PeerPlan
    stills: bool
    voices: int
    quality: Quality
    reason: Reason
    wish: float


class Allocation:
    """Of one peer. Until the first estimate the stage has its middle layer."""

    HOLD = 3.0  # seconds for which the estimate must have carried more
    FIRST = 1.0  # the same, until it was once too little
    MARGIN = 1.15  # by which it must exceed what more costs

    def __init__(self) -> None:
        self._quality = Quality.MID
        self._gallery: tuple[Layer, ...] = ()
        self._voices = ALL
        self._fallen = False
        self._carried: deque[tuple[float, float]] = deque()

    def fit(
        self, wanted: PeerPlan, rates: Rates, sounds: float, places: int, now: float, kbps: float, *, known: bool = True
    ) -> Grant:
        """`sounds`: what all voices it should hear cost; `places`: its slots for the gallery; `kbps`: what may be sent, of
        which it is `known` that it comes through."""
        sure = self._sure(kbps, now) if known else kbps
        gallery = _gallery(wanted, rates)[:places]
        quality, spent = self._step(wanted, rates, sounds, kbps, sure, known=known)
        granted = self._pictures(gallery if quality in FULL else [], rates, kbps - spent, sure - spent)
        layers = tuple(want.layer for want in granted)
        self._fallen = self._fallen or LADDER.index(quality) > LADDER.index(self._quality) or len(layers) < len(self._gallery)
        self._quality, self._gallery = quality, layers
        everything = sounds + _stage(wanted.stage, wanted.limit, rates)
        if wanted.limit in FULL:
            everything += sum(rates[_feed(want)][want.layer] for want in gallery)
        stage = wanted.stage if quality in LAYERS else None
        if stage is not None:
            stage = stage.model_copy(update={"layer": _lower(stage.layer, LAYERS[quality])})
        pictures = "gallery" if wanted.relay is None else "relay"
        return Grant(
            plan=wanted.model_copy(update={"stage": stage, pictures: tuple(granted)}),
            stills=quality is Quality.STILLS,
            voices=self._hear(quality, sounds, kbps, sure),
            quality=quality,
            reason=self._reason(quality, wanted.limit, known=known),
            wish=everything * self.MARGIN,
        )

    def _step(
        self, wanted: PeerPlan, rates: Rates, sounds: float, kbps: float, sure: float, *, known: bool
    ) -> tuple[Quality, float]:
        """The best step that fits, and what it costs without the gallery."""
        top = wanted.limit if known else max(wanted.limit, Quality.MID, key=LADDER.index)
        for step in LADDER[LADDER.index(top) :]:
            cost = sounds + _stage(wanted.stage, step, rates) if step in LAYERS else min(LEAST, sounds)
            if cost <= (kbps if LADDER.index(step) >= LADDER.index(self._quality) else sure):
                return step, cost
        return Quality.PAGE, 0.0

    def _pictures(self, gallery: list[Want], rates: Rates, kbps: float, sure: float) -> list[Want]:
        granted: list[Want] = []
        for place, want in enumerate(gallery):
            fitting = None
            for layer in LAYERS_UP[: ORDER[want.layer] + 1]:
                held = place < len(self._gallery) and ORDER[layer] <= ORDER[self._gallery[place]]
                if rates[_feed(want)][layer] <= (kbps if held else sure):
                    fitting = layer
            if fitting is None:
                break
            granted.append(want if fitting is want.layer else want.model_copy(update={"layer": fitting}))
            kbps, sure = kbps - rates[_feed(want)][fitting], sure - rates[_feed(want)][fitting]
        return granted

    def _sure(self, kbps: float, now: float) -> float:
        """What the estimate has carried all the time for long enough, less the margin."""
        hold = self.HOLD if self._fallen else self.FIRST
        self._carried.append((now, kbps))
        while len(self._carried) > 1 and self._carried[1][0] <= now - hold:
            self._carried.popleft()
        if self._carried[0][0] > now - hold:
            return 0.0
        return min(carried for _, carried in self._carried) / self.MARGIN

    def _hear(self, quality: Quality, sounds: float, kbps: float, sure: float) -> int:
        if quality is Quality.PAGE:
            self._voices = 0
        elif sounds <= (kbps if self._voices == ALL else sure):
            self._voices = ALL
        else:
            self._voices = max(1, min(int(kbps / VOICE), max(self._voices, int(sure / VOICE))))
        return self._voices

    def _reason(self, quality: Quality, limit: Quality, *, known: bool) -> Reason:
        if quality is Quality.HIGH:
            return Reason.NONE
        return Reason.LIMIT if quality is limit else Reason.DOWN if known else Reason.NONE


def _feed(want: Want) -> Feed:
    return Feed(want.peer, want.kind)


def _lower(one: Layer, other: Layer) -> Layer:
    return min(one, other, key=ORDER.__getitem__)


def _stage(want: Want | None, quality: Quality, rates: Rates) -> float:
    if want is None or _feed(want) not in rates or quality not in LAYERS:
        return 0.0
    rate = rates[_feed(want)][_lower(want.layer, LAYERS[quality])]
    return rate * STILL if quality is Quality.STILLS else rate


def _gallery(wanted: PeerPlan, rates: Rates) -> list[Want]:
    """Those pictures of the gallery that are there, once each and not the stage's. Of a relay's pictures, which fill a
    gallery at its other end, or a stage: those come first."""
    wants = wanted.gallery if wanted.relay is None else sorted(wanted.relay, key=lambda want: -ORDER[want.layer])
    stage = wanted.stage and _feed(wanted.stage)
    first = {_feed(want): want for want in reversed(wants)}
    ordered = dict.fromkeys(_feed(want) for want in wants)
    return [first[feed] for feed in ordered if feed in rates and feed != stage]
