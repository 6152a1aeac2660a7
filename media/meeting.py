"""One meeting on this node: its plan, its peers and voices, and what of the plan everybody gets."""

from collections.abc import Iterable, Sequence

from media import plan
from media.loudness import Loudness
from media.peer import Peer
from media.plan import Feed, Relief
from media.rates import NOMINAL
from media.relay import Relay, Uplink
from media.stage import Speaker, staged
from meetroom.conference.schema import Kind, Layer, PeerPlan, Plan

VOICE = NOMINAL[Kind.MIC][Layer.LOW]


class Meeting:
    """`plan` is what the server wants; `granted` what of it fits, with `reliefs` by peer."""

    def __init__(self, wanted: Plan) -> None:
        self.plan = self.granted = wanted
        self.reliefs: dict[str, Relief] = {}
        self.peers: dict[str, Peer] = {}
        self.loudness = Loudness()
        self.loudest: list[str] = []
        self.speaker = Speaker()
        self.uplinks: dict[str, Uplink] = {}  # by the name of their relays
        self.confirmed = True
        self.news, self.rest_until = False, 0.0  # something waits to be decided about, but not before then
        self._plans: dict[str, PeerPlan] = {}
        self._decided: tuple[Plan, dict[Feed, tuple[Layer, ...]]] | None = None

    def rank(self, now: float) -> bool:
        """Ranks the voices anew; whether the order has changed."""
        before = self.loudest
        remote = {feed.peer for peer in self.peers.values() if isinstance(peer, Relay) for feed in peer.feeds}
        heard = plan.heard(self.plan, remote) & {*self.peers, *remote}
        self.loudest = self.loudness.rank(heard, before, now)
        return self.loudest != before

    def decide(self, now: float, *, news: bool = False) -> bool:
        """Who has the stage by voice, and what everybody is sent; whether that has changed. `news`: somebody came, went, or
        made another offer."""
        rates = {feed: costs for peer in self.peers.values() if peer.feeds for feed, costs in peer.costs(now).items()}
        speaking = (name for name in self.loudest if self.loudness.speaking(name, now))
        changed = self.speaker.follow(next((name for name in speaking if Feed(name, Kind.CAMERA) in rates), None), now)
        voices = [(name, rates[Feed(name, Kind.MIC)][Layer.LOW]) for name in self._voices if Feed(name, Kind.MIC) in rates]
        voices = voices[: self.plan.voices + 1]  # one more than anybody hears, because nobody hears themselves
        subject = self.plan, {feed: tuple(costs) for feed, costs in rates.items()}
        news = news or changed or subject != self._decided
        self._decided = subject
        wanted_by = [(wanted, self.peers.get(wanted.peer)) for wanted in staged(self.plan, self.speaker).peers]
        for wanted, peer in wanted_by:
            if peer is not None and peer.state != "connecting" and (news or not peer.way.rests(now)):
                changed |= peer.way.fit(wanted, rates, self._sounds(wanted.peer, voices), peer.places, now)
                self.reliefs[wanted.peer] = peer.way.relief
        if news or changed:
            grants = ((wanted, peer.way.grant if peer is not None else None) for wanted, peer in wanted_by)
            peers = tuple(wanted if grant is None else grant.plan for wanted, grant in grants)
            self.granted = self.plan.model_copy(update={"peers": peers})
            self._plans = {wanted.peer: wanted for wanted in self.plan.peers}
        return changed

    def asks(self, peer: Peer, now: float) -> bool:
        """Whether a peer must be told anew what of its sources is worth sending."""
        if not peer.feeds and not peer.way.sending.told:
            return False
        wanted = self._plans.get(peer.name)
        if wanted is None or wanted.relay is not None or peer.state == "connecting":
            return False
        watched: dict[Kind, Layer | None] = {}
        for feed, source in peer.feeds.items():
            voice = Layer.LOW if wanted.heard or wanted.echo else None
            watched[feed.kind] = voice if feed.kind is Kind.MIC else source.watched
        return peer.way.sending.update(watched, peer.way.upstream.cap, now)

    def forget(self, peer: Peer) -> None:
        del self.peers[peer.name]
        self.reliefs.pop(peer.name, None)
        self.loudness.forget(peer.name)
        self.speaker.forget(peer.name)

    @property
    def _voices(self) -> Iterable[str]:
        """The most wanted first."""
        return dict.fromkeys((*self.plan.always, *self.loudest))

    def _sounds(self, listener: str, voices: Sequence[tuple[str, float]]) -> float:
        """What the voices cost that a peer should hear: the loudest as they are, but at least one that speaks."""
        costs = [cost for name, cost in voices if name != listener]
        return max(VOICE, sum(costs[: self.plan.voices])) if costs else 0.0
