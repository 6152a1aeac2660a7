"""A narrow way in pure Python: packets of one sender, and of others, through a queue of limited rate and length, with delay,
jitter and loss; and the digests a packet engine makes of the receiver's feedback."""

import random
from collections import deque
from dataclasses import dataclass, field

from media.bandwidth import Estimator
from media.engine import Delivery

STEP = 0.005  # seconds


@dataclass
class Way:
    """Rates in kbit/s, times in seconds. `burst`: mean length of a burst of losses. `others`: what others send without
    minding anything; `greedy`: a download that fills the queue and halves when it overflows, as TCP does."""

    rate: float = 2000.0
    delay: float = 0.02
    queue: float = 0.3
    jitter: float = 0.0
    loss: float = 0.0
    burst: float = 1.0
    others: float = 0.0
    greedy: bool = False
    down: bool = False


@dataclass
class Sent:
    at: float
    arrived: float | None
    octets: int


@dataclass
class Scene:
    """A sender that sends what the estimate allows, up to `demand`, in steps of `layers` if there are any."""

    way: Way
    demand: float = 4000.0
    layers: tuple[float, ...] = ()
    interval: float = 0.1
    packet: int = 600  # bytes, between those of voices and of pictures
    seed: int = 1
    now: float = 100.0
    estimator: Estimator = field(default_factory=Estimator)
    estimates: list[tuple[float, float]] = field(default_factory=list)
    queues: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.backlog = 0.0  # kbit in the queue
        self.owed = 0.0
        self.bad = False
        self.last_arrival = 0.0
        self.greedy_rate = 300.0
        self.sent: deque[Sent] = deque()
        self.delays: deque[tuple[float, float]] = deque()
        self.newest = 0.0  # receiver's clock of the newest packet told of
        self.fed_back = self.now
        self.padding = (0.0, 0.0)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.step()

    def sending(self) -> float:
        allowed = min(self.demand, self.estimator.kbps)
        if self.layers:
            allowed = max((layer for layer in self.layers if layer <= allowed), default=self.layers[0])
        return max(allowed, self.padding[0]) if self.now < self.padding[1] else allowed

    def step(self) -> None:
        way = self.way
        self.now += STEP
        self.backlog = max(0.0, self.backlog - way.rate * STEP)
        self.backlog = min(self.backlog + way.others * STEP, max(self.backlog, way.rate * way.queue))
        if way.greedy:
            self.backlog += self.greedy_rate * STEP
            self.greedy_rate += 100 * STEP
            if self.backlog > way.rate * way.queue:
                self.backlog = way.rate * way.queue
                self.greedy_rate /= 2
        self.owed += self.sending() * STEP
        while self.owed >= self.packet / 125:
            self.owed -= self.packet / 125
            self.sent.append(Sent(self.now, self.through(), self.packet))
        self.queues.append(self.backlog / way.rate)
        if self.now - self.fed_back >= self.interval:
            self.fed_back = self.now
            self.feed_back()
        self.estimates.append((self.now, self.estimator.kbps))

    def through(self) -> float | None:
        way = self.way
        if way.burst > 1:
            stay, enter = 1 - 1 / way.burst, way.loss / (way.burst * (1 - way.loss))
            self.bad = self.random.random() < (stay if self.bad else enter)
        else:
            self.bad = self.random.random() < way.loss
        if self.bad or way.down:
            return None
        if self.backlog + self.packet / 125 > way.rate * way.queue:
            return None
        self.backlog += self.packet / 125
        arrival = self.now + self.backlog / way.rate + way.delay + abs(self.random.gauss(0, way.jitter))
        self.last_arrival = max(arrival, self.last_arrival)
        return self.last_arrival

    def feed_back(self) -> None:
        """Of what the receiver had a way's delay ago; a packet is lost when a later one has arrived."""
        known = self.now - self.way.delay
        arrived = [i for i, one in enumerate(self.sent) if one.arrived is not None and one.arrived <= known]
        if arrived and not self.way.down:
            covered = [self.sent.popleft() for _ in range(arrived[-1] + 1)]
            got = [one for one in covered if one.arrived is not None]
            mean = sum(one.arrived - one.at for one in got if one.arrived) / len(got)
            least = min(one.arrived - one.at for one in got if one.arrived)
            self.delays.append((self.now, least))
            while self.delays[0][0] < self.now - 30:
                self.delays.popleft()
            newest = got[-1].arrived or 0.0
            span = newest - self.newest if self.newest else newest - (got[0].arrived or 0.0)
            self.newest = newest
            delay = mean - min(delay for _, delay in self.delays)
            digest = Delivery(len(covered), len(covered) - len(got), len(got) * self.packet, span, delay)
            self.estimator.heard(digest, self.now, 2 * self.way.delay)
        self.estimator.tick(self.now)
        rate = self.estimator.probe(self.demand, self.now)
        if rate is not None:
            self.padding = (rate, self.now + self.estimator.trial)

    def mean(self, seconds: float) -> float:
        """Of the estimate over the last seconds."""
        lately = [kbps for at, kbps in self.estimates if at > self.now - seconds]
        return sum(lately) / len(lately)

    def least(self, seconds: float) -> float:
        return min(kbps for at, kbps in self.estimates if at > self.now - seconds)

    def most(self, seconds: float) -> float:
        return max(kbps for at, kbps in self.estimates if at > self.now - seconds)

    def spread(self, seconds: float) -> float:
        """Standard deviation of the estimate over its mean."""
        lately, mean = [kbps for at, kbps in self.estimates if at > self.now - seconds], self.mean(seconds)
        return (sum((kbps - mean) ** 2 for kbps in lately) / len(lately)) ** 0.5 / mean

    def reached(self, kbps: float, since: float) -> float:
        """Seconds after `since` from which on the estimate was at least that."""
        return next((at - since for at, value in self.estimates if at >= since and value >= kbps), float("inf"))

    def queue(self, seconds: float) -> float:
        lately = self.queues[-int(seconds / STEP) :]
        return sum(lately) / len(lately)
