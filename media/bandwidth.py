"""How much the way down to one peer carries, from what its receiver says of our packets. Pure: time is passed in.

It is lowered at once when a queue grows along the way or packets are lost, to a little less than what still arrives. It
rises only on evidence: when as much is really sent and arrives in time, or when padding that was sent on trial did.
Delay or loss that stays although less is sent isn't our doing (jitter, a radio, somebody else's download): from then on
it counts as usual. All rates are kbit/s of whole datagrams."""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from media.engine import Delivery

FLOOR, START, CEILING = 10.0, 500.0, 20_000.0
"""Bounds of the estimate, and where it begins: the middle layer of a camera, a voice and a thumbnail."""


class Arrived(NamedTuple):
    """One digest. Those octets arrived within `span` by the receiver's clock, `passed` seconds after the digest before."""

    at: float
    passed: float
    span: float
    packets: int
    lost: int
    octets: int


@dataclass
class Trial:
    """Padding under way. `best`: the highest rate that arrived since. `over`: it was too much."""

    kbps: float
    since: float
    until: float
    best: float = 0.0
    over: bool = False


class Estimator:
    """`known` is false until the first evidence; `kbps` is START until then. `strained`: it was once too much, so that an
    estimate below what is wished for is the way's fault and not only not tried yet. Times in seconds."""

    QUEUE = 0.06  # a queue of this length is one that grows
    LONG = 0.25  # a queue that must go at once
    VOICE = 64.0  # nothing lower because of a queue alone: others may fill it, and sound is worth more late than never
    LOSS = 0.1  # more than this is lost because too much is sent
    RATE_WINDOW, TRIAL_WINDOW = 0.6, 0.3
    LOSS_WINDOW, LOSS_WINDOW_MOST, LOSS_PACKETS = 1.5, 4.0, 100  # longer while fewer packets are in it
    BACK_OFF = 0.85  # of what arrives
    SETTLE = 0.4  # plus a round trip: before that nothing can be seen of a decrease
    FUTILE = 3  # times in a row at which it was too much again, each time at less than before
    FORGET = 15.0  # until what was usual no longer is
    USUAL_MOST = (0.6, 0.3)  # delay and loss that may be taken for usual
    RISE, CAREFUL = 0.1, 0.02  # per second; careful near the rate at which it last was too much
    USED = 0.9  # of the estimate
    VERDICT = 1.2  # how long after padding its effect may show
    AGAIN, REST, REST_MOST = 0.3, 4.0, 12.0  # until the next trial, after a good one and after bad ones
    SILENCE, SILENT = 2.0, 100.0  # without feedback for so long the way is thought to be worse, down to this rate

    def __init__(self) -> None:
        self.known = self.strained = False
        self.trial = 0.5  # seconds for which padding is sent; several digests must fall into it
        self._kbps = START
        self._recent: deque[Arrived] = deque()
        self._heard_at: float | None = None
        self._deaf_until = 0.0
        self._delay = 0.0
        self._usual_delay = self._usual_loss = 0.0
        self._lowered_at = float("-inf")
        self._too_much, self._futile = 0.0, 0  # the estimate that was lowered last
        self._edge = 0.0
        self._trial: Trial | None = None
        self._trial_at = float("-inf")
        self._rest = self.REST
        self._cap = (CEILING, float("-inf"))

    @property
    def kbps(self) -> float:
        return min(self._kbps, self._cap[0])

    @property
    def trying(self) -> float:
        """To what padding fills up what is sent at the moment; 0: there is none."""
        return self._trial.kbps if self._trial is not None else 0.0

    @property
    def loss(self) -> float:
        """The share of packets lost lately."""
        lost, packets = self._losses(float("-inf"))
        return lost / packets if packets else 0.0

    def heard(self, digest: Delivery, now: float, rtt: float = 0.0) -> None:
        """A digest of feedback since the last one."""
        passed = now - self._heard_at if self._heard_at is not None else digest.span
        self._heard_at = now
        if passed > self.SILENCE:
            self._deaf_until = now + self.SETTLE + rtt
        if now < self._deaf_until:  # what it says of the time between is over
            self._recent.clear()
            return
        lost = min(digest.lost, digest.packets)
        self._recent.append(Arrived(now, max(passed, 0.001), digest.span, digest.packets, lost, digest.octets))
        self._prune(now)
        delay = max(0.0, digest.delay) if digest.octets else self._delay  # what did not arrive says nothing of it
        self._usual_delay += min(0.0, delay - self._usual_delay) * min(1.0, passed / self.FORGET)
        self._usual_loss += min(0.0, self.loss - self._usual_loss) * min(1.0, passed / self.FORGET)
        falling = delay < self._delay - 0.005
        self._delay = delay
        queue = delay - self._usual_delay
        lost, packets = self._losses(self._lowered_at + self.SETTLE + rtt)
        loss = max(0.0, lost / packets - self._usual_loss) if packets >= self.LOSS_PACKETS else 0.0
        lossy = loss > self.LOSS
        arrived = self._rate(now, self.RATE_WINDOW)
        settled = now - self._lowered_at >= self.SETTLE + rtt
        over = (queue > self.QUEUE and not falling) or lossy
        if self._trial is not None and queue <= self.LONG:
            self._watch(self._trial, over, now, rtt)
        elif over and settled:
            self._lower(arrived, queue, loss, now)
        elif queue < self.QUEUE / 2 and loss < self.LOSS / 2 and settled and now - self._lowered_at > 1.0 + rtt:
            self._raise(arrived, min(passed, 1.0))

    def told(self, kbps: float, now: float) -> None:
        """The receiver's own estimate (REMB): never more than that, until it has not been repeated for a while. Receivers
        that see nothing but our pictures estimate little more than what those take, so that is never the cap."""
        arrived = self._rate(now, self.RATE_WINDOW) if self._recent else self._kbps
        self._cap = max(FLOOR, kbps, 1.25 * arrived), now
        self.strained = self.strained or self._cap[0] < self._kbps

    def tick(self, now: float, *, sending: bool = True) -> None:
        """From time to time, also when nothing is heard. `sending`: there is something that must be answered."""
        if now - self._cap[1] > 3 * self.SILENCE:
            self._cap = CEILING, float("-inf")
        if self._trial is not None and now - self._trial.until > 2 * self.SILENCE:
            self._rest_after(now)
        silent = self._heard_at is not None and now - max(self._heard_at, self._lowered_at) > self.SILENCE
        if silent and sending:
            self._kbps = max(min(self._kbps, self.SILENT), self._kbps / 2)
            self._lowered_at = self._trial_at = now
            self._trial, self._rest, self.strained = None, self.REST, True

    def probe(self, wanted: float, now: float) -> float | None:
        """The rate to which padding shall fill up what is sent for `trial` seconds from now on, so that the estimate may
        reach `wanted`; None: not now, or not needed."""
        calm = now - max(self._lowered_at, self._trial_at) >= 0 and self._heard_at is not None
        if self._trial is not None or wanted <= self.kbps or not calm or self._delay - self._usual_delay > self.QUEUE / 2:
            return None
        step = 2.0 if self._rest == self.REST else 1.5  # smaller after one that was too much
        rate = min(wanted * 1.05, max(self._kbps * step, self.VOICE), CEILING)
        self._trial = Trial(rate, now, now + self.trial)
        return rate

    def _prune(self, now: float) -> None:
        packets = sum(one.packets for one in self._recent)
        while len(self._recent) > 1:
            oldest = self._recent[0]
            packets -= oldest.packets
            if now - oldest.at < (self.LOSS_WINDOW if packets >= self.LOSS_PACKETS else self.LOSS_WINDOW_MOST):
                break
            self._recent.popleft()

    def _losses(self, since: float) -> tuple[int, int]:
        """Packets lost and sent since then, as far back as remembered."""
        recent = [one for one in self._recent if one.at >= since]
        return sum(one.lost for one in recent), sum(one.packets for one in recent)

    def _rate(self, now: float, window: float, since: float = float("-inf")) -> float:
        """What arrived in that window, of it only what was sent since then."""
        since = max(since, now - window)
        recent = [one for one in self._recent if one.at - one.passed >= since - 0.001] or list(self._recent)[-1:]
        seconds = max(sum(one.span for one in recent), sum(one.passed for one in recent))
        return sum(one.octets for one in recent) / 125 / seconds

    def _lower(self, arrived: float, queue: float, loss: float, now: float) -> None:
        heavy = loss > 4 * self.LOSS
        lowered = before = self._kbps
        if queue > self.QUEUE:
            least = 0.0 if queue > self.LONG or heavy else self._kbps * self.BACK_OFF  # little may arrive of what was little
            if loss <= self.LOSS:  # slow, but it comes through
                least = max(least, min(self._kbps, self.VOICE))
            lowered = min(lowered, max(least, arrived * self.BACK_OFF))
        self._edge = arrived if queue > self.QUEUE else 0.0
        if loss > self.LOSS:
            lowered = min(lowered, self._kbps * (1 - loss / 2), arrived if heavy else lowered)
        self._kbps = max(FLOOR, lowered)
        self._futile = self._futile + 1 if before < self._too_much else 0
        self._too_much = before
        if self._futile >= self.FUTILE:
            self._futile = 0
            self._usual_delay = min(self._usual_delay + queue, self.USUAL_MOST[0])
            self._usual_loss = min(self._usual_loss + loss, self.USUAL_MOST[1])
        self._lowered_at, self.known = now, True
        self._rest_after(now)

    def _raise(self, arrived: float, passed: float) -> None:
        if arrived >= self.USED * self._kbps:
            near = 0.85 * self._edge <= self._kbps <= 1.1 * self._edge
            self._kbps = min(CEILING, self._kbps * (1 + (self.CAREFUL if near else self.RISE) * passed))
            self.known = True

    def _watch(self, trial: Trial, over: bool, now: float, rtt: float) -> None:
        """Padding that was too much has still shown how much comes through."""
        if now >= trial.since + rtt:
            trial.best = min(trial.kbps, max(trial.best, self._rate(now, self.TRIAL_WINDOW, trial.since + rtt)))
        trial.over = trial.over or over
        good = trial.best >= 0.85 * trial.kbps and not trial.over
        if now < trial.until + rtt + (0.0 if good or trial.over else self.VERDICT):
            return
        if good:
            self._kbps = max(self._kbps, trial.best)
            self._trial, self._trial_at, self._rest = None, now + self.AGAIN, self.REST
        else:
            kept = self._kbps if not trial.over else min(self._kbps, trial.best)
            self._kbps = max(FLOOR, kept, self.BACK_OFF * trial.best)
            self._edge = trial.best if trial.over else self._edge
            self._lowered_at = now if trial.over else self._lowered_at
            self._rest_after(now)
        self.known = True

    def _rest_after(self, now: float) -> None:
        """A trial was too much, or something else was."""
        self.strained = True
        self._trial_at = now + self._rest
        if self._trial is not None:
            self._rest = min(self.REST_MOST, self._rest * 2)
        self._trial = None


class Reported:
    """Digests for receivers that give no transport-wide feedback, from their receiver reports (RFC 3550): what was sent
    less what they lost, and as queue what the round trip takes longer than at its shortest in half a minute."""

    INTERVAL, MEMORY = 0.9, 30.0  # seconds

    def __init__(self) -> None:
        self._expected = self._lost = 0
        self._before: tuple[int, float] | None = None
        self._trips: deque[tuple[float, float]] = deque()

    def add(self, expected: int, lost: int) -> None:
        """Packets of one report since the one before of the same stream."""
        self._expected += expected
        self._lost += lost

    def take(self, sent: int, rtt: float, now: float) -> Delivery | None:
        """`sent`: bytes sent to the peer since it came. None while there is nothing new to say."""
        if self._before is None:
            self._before = sent, now
        octets, passed = sent - self._before[0], now - self._before[1]
        if passed < self.INTERVAL or self._expected == 0:
            return None
        self._trips.append((now, rtt))
        while self._trips[0][0] < now - self.MEMORY:
            self._trips.popleft()
        lost = max(0, min(self._lost, self._expected))
        arrived = int(octets * (1 - lost / self._expected))
        digest = Delivery(self._expected, lost, arrived, passed, rtt - min(trip for _, trip in self._trips))
        self._expected = self._lost = 0
        self._before = sent, now
        return digest
