"""The way down to one peer and the way up from it: what they carry, and what the peer gets and is asked for accordingly."""

from media.allocation import LEAST, Allocation, Grant, Rates
from media.bandwidth import CEILING, Estimator, Reported
from media.engine import Delivery, Engine
from media.plan import Relief
from media.sending import Sending, Upstream
from meetroom.conference.schema import PeerPlan, Quality, Reason


class Way:
    """Of the peer that the engine knows by this number. Times in seconds, rates in kbit/s."""

    DEAF = 3.0
    """Who has said nothing by then of what arrives cannot be steered, and gets everything. Who says no more than receiver
    reports do (players of WHEP) neither, until they show losses: their round trips say nothing of queues, and often they
    have no padding either with which more could be tried."""
    LOOK, GLANCE = 0.1, 0.3  # between two looks at a way, and at one on which all is well
    EASY = 1.0  # between two digests where everything wished for arrives in time; others wait for none
    REST = 2.0  # the same between two decisions
    SPARSE = 20.0  # less than this is sent: nothing that must be answered
    PACE = 1.25  # of the estimate, where not everything fits

    def __init__(self, engine: Engine, peer: int, now: float) -> None:
        self.reported = Reported()
        self.upstream, self.sending = Upstream(), Sending()
        self.grant: Grant | None = None
        self._engine, self._peer, self._since = engine, peer, now
        self._allocation = Allocation()
        self._estimator = Estimator()
        self._counted = self._told = self._lossy = self._heard = False
        self._sent = (0, now)
        self._pace = 0
        self._easy, self._decided_at, self._digested_at, self._measured_at = False, now, now, now
        self._calm: list[Delivery] = []  # digests of an easy way since the last one that was looked at

    def moved(self, now: float) -> None:
        """It goes another way now, of which nothing is known."""
        self._estimator, self.reported, self._heard, self._since = Estimator(), Reported(), False, now
        self._easy, self._calm = False, []

    def told(self, kbps: float, now: float) -> None:
        """The receiver's own estimate."""
        self._told = self._heard = True
        self._easy = self._easy and kbps >= self._estimator.kbps
        self._estimator.told(kbps, now)

    @property
    def due_at(self) -> float:
        """When to `measure` again. Receiver reports come once a second."""
        if not self._easy:
            return self._measured_at + self.LOOK
        return self._measured_at + (self.GLANCE if self._counted else Reported.INTERVAL)

    def measure(self, rtt: float, now: float) -> None:
        """To be called from `due_at` on while the peer is connected."""
        self._measured_at = now
        digest = self._patient(self._engine.delivery(self._peer), now)
        self._counted = self._counted or digest is not None
        before, at = self._sent
        if self._counted and now - at < 1.0 and digest is None:
            return
        sent = self._engine.traffic(self._peer).sent
        if not self._counted:
            digest = self.reported.take(sent, rtt, now)
        self._estimator.trial = 0.5 if self._counted else 2.0
        if digest is not None:
            self._heard = True
            self._estimator.heard(digest, now, rtt)
            self._lossy = self._lossy or self._estimator.loss > Estimator.LOSS
        if now - at >= 1.0:
            self._sent = sent, now
            self._estimator.tick(now, sending=(sent - before) / 125 > self.SPARSE * (now - at))

    def _patient(self, digest: Delivery | None, now: float) -> Delivery | None:
        """Several digests as one, as long as there is nothing in them. With the first trouble it is over at once."""
        if digest is None:
            return None
        self._calm.append(digest)
        if digest.lost or digest.delay > Estimator.QUEUE / 2:
            self._easy = False
        if self._easy and now - self._digested_at < self.EASY:
            return None
        several, self._calm, self._digested_at = self._calm, [], now
        packets, lost, octets, spans, delays = (sum(column) for column in zip(*several, strict=True))
        return Delivery(packets, lost, octets, spans, delays / len(several))

    def rests(self, now: float) -> bool:
        """Whether nothing needs to be decided anew if there is nothing else to decide about than the last time."""
        return self._easy and now - self._decided_at < self.REST

    def fit(self, wanted: PeerPlan, rates: Rates, sounds: float, places: int, now: float) -> bool:
        """Decides anew what the peer is sent (`media.allocation.Allocation.fit`); whether that has changed."""
        before = self.grant
        self._decided_at = now
        estimator, deaf = self._estimator, self._unsteered and now - self._since > self.DEAF
        arriving = 1 - min(0.15, estimator.loss)  # what is lost is sent again; more lowers the estimate itself
        kbps = CEILING if deaf else estimator.kbps * arriving
        if not self._counted:  # of a way that carries nothing nothing more would be heard
            kbps = max(kbps, LEAST)
        known = estimator.known or deaf
        self.grant = self._allocation.fit(wanted, rates, sounds, places, now, kbps, known=known)
        self._easy = known and kbps >= self.grant.wish
        if not deaf:
            self._drive(self.grant.wish / arriving, now)
        return before is None or before._replace(wish=0.0) != self.grant._replace(wish=0.0)

    @property
    def _unsteered(self) -> bool:
        return not self._heard or not (self._counted or self._told or self._lossy)

    def _drive(self, wish: float, now: float) -> None:
        """Padding on trial, where more is wished for; and a pace, where not everything fits."""
        rate = self._estimator.probe(wish, now)
        if rate is not None:
            self._engine.probe(self._peer, int(rate), self._estimator.trial)
        narrow = self._estimator.known and self._estimator.kbps < wish
        pace = int(self.PACE * max(self._estimator.kbps, self._estimator.trying)) if narrow else 0
        if abs(pace - self._pace) > 0.1 * self._pace or not pace:
            if pace != self._pace:
                self._engine.set_pace(self._peer, pace)
            self._pace = pace

    @property
    def relief(self) -> Relief:
        return Relief(self.grant.voices, self.grant.stills) if self.grant is not None else Relief()

    @property
    def kbps(self) -> int:
        """The estimate, 0 while it is none."""
        return int(self._estimator.kbps) if self._estimator.known else 0

    @property
    def quality(self) -> Quality:
        return self.grant.quality if self.grant is not None else Quality.HIGH

    @property
    def reason(self) -> Reason:
        """Whichever way is the narrower one to people: what they see comes first."""
        reason = self.grant.reason if self.grant is not None else Reason.NONE
        if reason is Reason.LIMIT or (reason is Reason.DOWN and self._estimator.strained):
            return reason
        return Reason.UP if self.upstream.weak else Reason.NONE
