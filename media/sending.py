"""Which of a peer's layers are worth sending, and whether too little of them comes through. Pure: time is passed in."""

from collections.abc import Mapping

from meetroom.conference.schema import Kind, Layer, Watched

ORDER = {layer: place for place, layer in enumerate(Layer)}


class Upstream:
    """The way up from one peer. While it loses too much for long its camera is asked for less, step by step."""

    BAD, GOOD = 10.0, 3.0  # percent lost
    LOWER, RAISE = 5.0, 10.0  # seconds for which it must be bad, or good

    def __init__(self) -> None:
        self.cap = Layer.HIGH
        self.weak = False
        self._bad_since: float | None = None
        self._good_since: float | None = None

    def heard(self, loss: float, vanished: bool, now: float) -> None:
        """`loss` in percent, lately. `vanished`: a layer that used to come and is asked for comes no more, though others
        do, as when a browser finds its way up too narrow."""
        bad, good = loss > self.BAD, loss < self.GOOD
        self._bad_since = (self._bad_since if self._bad_since is not None else now) if bad else None
        self._good_since = (self._good_since if self._good_since is not None else now) if good else None
        place = ORDER[self.cap]
        if self._bad_since is not None and now - self._bad_since >= self.LOWER and place > 0:
            self.cap, self._bad_since = list(Layer)[place - 1], now
        elif self._good_since is not None and now - self._good_since >= self.RAISE and place < len(ORDER) - 1:
            self.cap, self._good_since = list(Layer)[place + 1], now
        self.weak = bad or vanished or self.cap is not Layer.HIGH or (self.weak and not good)


class Sending:
    """What one peer is told of its sources. More at once; less when nobody has watched it for a while."""

    LINGER = 5.0  # seconds

    def __init__(self) -> None:
        self.told: tuple[Watched, ...] = ()
        self._watched_at: dict[tuple[Kind, Layer], float] = {}
        self._asked_since: dict[tuple[Kind, Layer], float] = {}

    def update(self, watched: Mapping[Kind, Layer | None], cap: Layer, now: float) -> bool:
        """`watched`: of each of its sources the highest layer anybody watches; `cap`: the most its camera is asked for.
        Whether there is something new to tell."""
        told = []
        for kind, layer in watched.items():
            if layer is not None:
                self._watched_at[kind, layer] = now
            lately = [one for one in Layer if now - self._watched_at.get((kind, one), float("-inf")) < self.LINGER]
            most = lately[-1] if lately else None
            if most is not None and kind is Kind.CAMERA:
                most = min(most, cap, key=ORDER.__getitem__)
            told.append(Watched(kind=kind, layer=most))
            for one in Layer:
                if most is not None and ORDER[one] <= ORDER[most]:
                    self._asked_since.setdefault((kind, one), now)
                else:
                    self._asked_since.pop((kind, one), None)
        changed = tuple(told) != self.told
        self.told = tuple(told)
        return changed

    def asked(self, kind: Kind, layer: Layer, now: float) -> float:
        """Seconds for which this layer has been asked for; 0 if it is not."""
        return now - self._asked_since.get((kind, layer), now)
