"""A peer that is another node: a site's, or the meeting's own. Each gives the other every source that is wanted there once,
in any slot, and tells by `SlotsChanged` which one is where.

The site's node calls. From then on both ends are ordinary peers, with the same slots, key frame requests and repair; what
comes from here appears in the meeting under the names of those it is of."""

import asyncio
import logging
import random
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from media import offer as offers
from media import sdp
from media.dtls import Dtls, Identity
from media.engine import Address
from media.ice import Agent, Calling, Credentials, fresh
from media.offer import Line
from media.passage import Passage
from media.peer import Ground, Peer, Refused, assign
from media.plan import Feed
from media.streams import Source
from meetroom.conference.schema import Kind, MediaAnswer, MediaOffer, Shown
from meetroom.conference.schema import Uplink as Wanted

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Called:
    """What we have offered, and where the other end said it can be reached, or the passages that lead there."""

    credentials: Credentials
    gives: Mapping[str, sdp.Down]
    candidates: tuple[Address, ...]
    passages: tuple[Passage, ...] = ()


class Relay(Peer):
    """Either end."""

    LAST_WORDS = 1.0  # seconds until a passage is closed: a goodbye is still on its way

    def __init__(
        self, ground: Ground, name: str, described: sdp.Offer, changed: Callable[[Peer], None], called: Called | None = None
    ) -> None:
        """`called`: we are the end that calls. `described` is the other end, `ground.identity` ours."""
        self._called = called
        self._carried: dict[str, Feed] = {}
        super().__init__(ground, name, described, changed)

    def _transport(self, described: sdp.Offer) -> tuple[Dtls, Agent]:
        if self._called is None:
            return super()._transport(described)
        dtls = Dtls(
            self._ground.identity, described.fingerprint,
            send=self._send_dtls, connected=self._secured, closed=self.close, calling=True,
        )  # fmt: skip
        return dtls, Calling(
            receive=dtls.receive,
            selected=self._selected,
            admit=self._admit,
            expel=self._engine.expel,
            credentials=self._called.credentials,
            remote=Credentials(described.ufrag, described.password),
            candidates=self._called.candidates,
            send=self._engine.send_datagram,
        )

    def _selected(self, address: Address) -> None:
        super()._selected(address)
        if self._called is not None:
            self._dtls.call()

    def _streams(self, mid: str, repaired: bool) -> tuple[int, int | None]:
        if self._called is None or mid not in self._called.gives:
            return super()._streams(mid, repaired)
        down = self._called.gives[mid]
        return down.ssrc, down.repair_ssrc

    @property
    def agent(self) -> Agent:
        return self._agent

    def close(self) -> None:
        super().close()
        for passage in self._called.passages if self._called is not None else ():
            asyncio.get_running_loop().call_later(self.LAST_WORDS, passage.close)

    # what it carries

    def carry(self, shown: Iterable[Shown]) -> bool:
        """The other end says what is in each of its slots, which are our sources; whether that is something else than before."""
        before = self._carried
        self._carried = {one.mid: Feed(one.peer, one.kind) for one in shown if one.peer is not None and one.kind is not None}
        return self._carried != before

    @property
    def places(self) -> int:
        """All its slots: none is kept for a stage."""
        return sum(slot.video for slot in self._slots.values())

    @property
    def feeds(self) -> dict[Feed, Source]:
        sources = {mid: source for mid, source in self._sources.items() if mid in self._carried}
        return {
            self._carried[mid]: source
            for mid, source in sources.items()
            if (self._carried[mid].kind is Kind.MIC) == (source.kind is Kind.MIC)
        }

    def voice(self, source: Source) -> str | None:
        return next((feed.peer for feed, known in self.feeds.items() if known is source), None)


class Uplink:
    """The calling end for as long as the plan wants it: offers until a relay stands, and again when it has broken."""

    CONSENT = 3.0
    """Seconds without a sign of life after which the other end is called anew; if the old way comes back meanwhile, it
    stays."""
    PATIENCE = 4.0  # seconds an attempt may take
    PAUSE = (0.3, 4.0)  # seconds between two attempts, at first and at most, each cut at random

    def __init__(
        self,
        ground: Ground,
        meeting: int,
        wanted: Wanted,
        *,
        ask: Callable[[MediaOffer], Awaitable[MediaAnswer]],
        arrived: Callable[[Relay], None],
        changed: Callable[[Peer], None],
    ) -> None:
        """`ask` passes an offer to the other node and raises Refused. `arrived`: there is a new relay, which takes the place
        of the one before; `changed` is called for it as for any peer."""
        self.wanted = wanted
        self._ground, self._meeting = replace(ground, consent=self.CONSENT, patience=self.PATIENCE), meeting
        self._ask, self._arrived, self._tell = ask, arrived, changed
        self._relay: Relay | None = None
        self._moved = asyncio.Event()
        self._running = asyncio.create_task(self._run())

    def close(self) -> None:
        """Calls no more; the relay itself is a peer like others."""
        self._running.cancel()

    async def _run(self) -> None:
        pause = self.PAUSE[0]
        while True:
            if await self._call():
                pause = self.PAUSE[0]
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(self.PAUSE[1], pause * 2)

    async def _call(self) -> bool:
        """One relay from its offer to its end; whether it stood."""
        if self._relay is None or self._relay.state != "connected":  # or else the old way has come back
            try:
                self._relay = await self._offer()
            except (Refused, sdp.BadSdp, OSError) as error:
                log.warning("no relay to %s: %s", self.wanted.node, error)
                return False
            except Exception:
                log.exception("relay to %s", self.wanted.node)
                return False
            self._arrived(self._relay)
        stood = False
        while self._relay.state in ("connecting", "connected"):
            stood = stood or self._relay.state == "connected"
            await self._moved.wait()
            self._moved.clear()
        return stood

    async def _offer(self) -> Relay:
        """Raises Refused, BadSdp and OSError."""
        ground = replace(self._ground, identity=Identity())  # by another certificate the other end knows another call
        credentials, session = fresh(), secrets.randbits(60)
        lines = _lines(f"meetroom-{session:x}")
        transport = sdp.Transport(credentials.ufrag, credentials.password, ground.identity.fingerprint, ())
        sources = {line.mid: _kind(line) for line in lines if line.gives is not None}
        text = offers.write(lines, transport, session)
        offer = MediaOffer(meeting_id=self._meeting, peer=self.wanted.peer, sdp=text, sources=sources)
        answer = offers.read((await self._ask(offer)).sdp)
        takes = {line.mid: _kind(line) for line in lines if line.gives is None}
        uses = assign(answer.description, takes, relay=True)
        gives = {line.mid: line.gives for line in lines if line.gives is not None}
        called = await self._reach(Called(credentials, gives, answer.candidates))
        relay = Relay(ground, self.wanted.peer, answer.description, self._changed, called)
        relay.adopt(answer.description, uses, takes)
        return relay

    async def _reach(self, called: Called) -> Called:
        """By passages, if another call from our port goes to the same place."""
        former = self._relay.agent if self._relay is not None else None
        owners = [self._ground.ice.owner(address) for address in called.candidates]
        if all(owner is None or owner is former for owner in owners):
            return called
        passages = tuple(Passage(address) for address in called.candidates)
        return replace(called, candidates=tuple([await passage.open() for passage in passages]), passages=passages)

    def _changed(self, peer: Peer) -> None:
        self._tell(peer)
        self._moved.set()


def _kind(line: Line) -> Kind:
    """Of what may be in it; what is, the other end says."""
    return Kind.MIC if line.kind == "audio" else Kind.CAMERA


def _lines(cname: str) -> list[Line]:
    """All sections of a relay, with fresh streams for what we give."""
    numbers = iter(random.SystemRandom().sample(range(1, 1 << 32), 2 * offers.VIDEO + offers.AUDIO))
    lines = [Line(f"gv{i}", "video", sdp.Down(next(numbers), next(numbers), f"gv{i}", cname)) for i in range(offers.VIDEO)]
    lines += [Line(f"ga{i}", "audio", sdp.Down(next(numbers), None, f"ga{i}", cname)) for i in range(offers.AUDIO)]
    lines += [Line(f"tv{i}", "video") for i in range(offers.VIDEO)]
    return lines + [Line(f"ta{i}", "audio") for i in range(offers.AUDIO)]
