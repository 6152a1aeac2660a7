"""ICE (RFC 8445) for all peers of one port: answers authenticated binding requests as a lite agent does, and knows from
which addresses a peer may speak and at which it wants to be spoken to. Consent by RFC 7675 comes with the same requests.
Where this node calls another one, which is lite too, it is the one that checks, nominates and asks for consent."""

import hmac
import random
import secrets
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aioice import stun

from media.engine import Address

MESSAGE_INTEGRITY = 8  # type of an attribute
FINGERPRINT = b"\x80\x28\0\4"  # how the one begins that may follow it, and has four bytes more
ADDRESSES = 8  # one peer may speak from so many at once


@dataclass(frozen=True)
class Credentials:
    ufrag: str
    password: str


def fresh() -> Credentials:
    """Random ones, long enough by RFC 8445, 5.3."""
    return Credentials(secrets.token_hex(4), secrets.token_hex(16))


@dataclass
class Agent:
    """One peer's side. `admitted` maps each validated address to when it was last heard, by the monotonic clock. Whoever is
    told to `trust` credentials may answer further checks of the nominated way, and says when the peer was last `alive`."""

    receive: Callable[[bytes], None]  # DTLS from a validated address
    selected: Callable[[Address], None]
    admit: Callable[[Address], None]
    expel: Callable[[Address], None]
    trust: Callable[[Credentials], None] = lambda credentials: None
    alive: Callable[[], float] = lambda: 0.0
    credentials: Credentials = field(default_factory=fresh)
    former: Credentials | None = None
    address: Address | None = None
    nominated_by: Credentials | None = None
    heard_at: float = 0.0
    admitted: dict[Address, float] = field(default_factory=dict)


@dataclass(kw_only=True)
class Calling(Agent):
    """Our side where we call a lite one: the first candidate that answers is nominated."""

    CHECK_INTERVAL = 0.2  # seconds between two checks of all candidates,
    CONSENT_INTERVAL = 1.0  # and of the nominated one, on the average

    remote: Credentials
    candidates: tuple[Address, ...]
    send: Callable[[bytes, Address], None]
    tie_breaker: int = field(default_factory=lambda: secrets.randbits(64))
    due: float = 0.0
    asked: dict[bytes, tuple[str, float]] = field(default_factory=dict)  # by transaction: which host, when

    def check(self, now: float) -> None:
        """The next checks, when it is time for them."""
        if now < self.due:
            return
        interval = self.CHECK_INTERVAL if self.address is None else self.CONSENT_INTERVAL * random.uniform(0.8, 1.2)
        self.due = now + interval
        self.asked = {id: (host, at) for id, (host, at) in self.asked.items() if now - at < IceLite.HOLD}
        for address in self.candidates if self.address is None else (self.address,):
            self._ask(address, now)

    def _ask(self, address: Address, now: float) -> None:
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self.remote.ufrag}:{self.credentials.ufrag}"
        request.attributes["PRIORITY"] = 1845501695  # of a peer-reflexive candidate, all that a lite end needs of us
        request.attributes["ICE-CONTROLLING"] = self.tie_breaker
        if address == self.address:
            request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(self.remote.password.encode())
        self.asked[request.transaction_id] = (_host(address), now)
        self.send(bytes(request), address)

    def answered_by(self, transaction: bytes, address: Address) -> bool:
        """Whether this address was asked that, and was the one to be asked."""
        host, _ = self.asked.pop(transaction, ("", 0.0))
        return host == _host(address)

    def nominate(self, address: Address, now: float) -> None:
        self.address = address
        self.selected(address)
        self._ask(address, now)


def _host(address: Address) -> str:
    """The same for an IPv4 address and its mapped form, which a socket of both families gives."""
    return f"{address[0].removeprefix('::ffff:')} {address[1]}"


def _signed(data: bytes) -> bytes:
    """A message as far as its signature reaches: what follows that, anyone can have added (RFC 8489, 14.5). Raises
    ValueError if it has none, struct.error if it breaks off."""
    at = 20
    while at < len(data):
        kind, size = struct.unpack_from("!HH", data, at)
        at += 4 + size + -size % 4
        if kind == MESSAGE_INTEGRITY:
            return data[:2] + struct.pack("!H", at - 20) + data[4:at]
    raise ValueError("not signed")


def _signed_by(signed: bytes, key: bytes) -> bool:
    """Whether the signature that ends it is of this key (RFC 8489, 14.5). One of another length was none."""
    return hmac.compare_digest(signed[-20:], hmac.digest(key, signed[:-24], "sha1"))


def _read(data: bytes) -> tuple[stun.Message, bytes]:
    """A message, of which nothing counts that nobody has signed, and what was signed. Raises ValueError."""
    try:
        message = stun.parse_message(data)
        signed = _signed(data)
        rest = data[len(signed) :]
        if rest and (len(rest) != 8 or not rest.startswith(FINGERPRINT)):
            message = stun.parse_message(signed)
    except (struct.error, IndexError):
        raise ValueError("it breaks off") from None
    return message, signed


def _is_request(message: stun.Message) -> bool:
    return (message.message_method, message.message_class) == (stun.Method.BINDING, stun.Class.REQUEST)


def _ufrag(request: stun.Message) -> str:
    """Ours, by which it is for one of our agents."""
    return str(request.attributes.get("USERNAME", "")).partition(":")[0]


def _success(request: stun.Message, address: Address, key: bytes) -> bytes:
    response = stun.Message(request.message_method, stun.Class.RESPONSE, request.transaction_id)
    response.attributes["XOR-MAPPED-ADDRESS"] = (address[0].removeprefix("::ffff:"), address[1])
    response.add_message_integrity(key)
    return bytes(response)


def confirmed(data: bytes, address: Address, credentials: Credentials) -> bytes | None:
    """The answer to a check of a way that stands already (RFC 7675); None if it is not one, or of somebody else."""
    try:
        request, signed = _read(data)
    except ValueError:
        return None
    key = credentials.password.encode()
    if not _is_request(request) or not str(request.attributes.get("USERNAME", "")).startswith(f"{credentials.ufrag}:"):
        return None
    if len(data) != len(signed) + 8 or not data[len(signed) :].startswith(FINGERPRINT):
        return None
    if "ICE-CONTROLLED" in request.attributes or not _signed_by(signed, key):
        return None
    return _success(request, address, key)


class IceLite:
    """All agents of one port."""

    HOLD = 15.0
    """Seconds an address stays with the peer last heard there: nobody else can take it meanwhile, not even with
    credentials of their own and a forged source."""

    def __init__(self) -> None:
        self._agents: dict[str, Agent] = {}
        self._owners: dict[Address, Agent] = {}
        self._calling: dict[str, Calling] = {}

    def add(self, agent: Agent) -> None:
        if isinstance(agent, Calling):
            self._calling[agent.credentials.ufrag] = agent
        else:
            self._agents[agent.credentials.ufrag] = agent

    def restart(self, agent: Agent) -> None:
        """New credentials. The old ones stay good until the new ones have led to a nominated address."""
        if agent.former is not None:
            del self._agents[agent.former.ufrag]
        agent.former, agent.credentials = agent.credentials, fresh()
        self._agents[agent.credentials.ufrag] = agent

    def remove(self, agent: Agent) -> None:
        self._calling.pop(agent.credentials.ufrag, None)
        for credentials in (agent.credentials, agent.former):
            if credentials is not None:
                self._agents.pop(credentials.ufrag, None)
        for address in list(agent.admitted):
            self._release(agent, address)

    def owner(self, address: Address) -> Agent | None:
        """The peer ICE has validated at this address."""
        return self._owners.get(address)

    def check(self, now: float) -> None:
        """What is due where we call. To be called often."""
        for agent in self._calling.values():
            agent.check(now)

    def receive(self, data: bytes, address: Address) -> bytes | None:
        """The response to a STUN datagram, or None: what does not parse or authenticate meets silence."""
        try:
            request, signed = _read(data)
        except ValueError:
            return None
        if (request.message_method, request.message_class) == (stun.Method.BINDING, stun.Class.RESPONSE):
            self._on_response(request, signed, address)
            return None
        if not _is_request(request):
            return None
        ufrag = _ufrag(request)
        agent = self._agents.get(ufrag)
        if agent is None:
            return None
        current = agent.credentials.ufrag == ufrag
        credentials = agent.credentials if current or agent.former is None else agent.former
        key = credentials.password.encode()
        if not _signed_by(signed, key):
            return None
        if "ICE-CONTROLLED" in request.attributes:
            response = stun.Message(request.message_method, stun.Class.ERROR, request.transaction_id)
            response.attributes["ERROR-CODE"] = (487, "Role Conflict")
            response.add_message_integrity(key)
            return bytes(response)
        if not self._hear(agent, address):
            return None
        if agent.address is None or "USE-CANDIDATE" in request.attributes:
            self._select(agent, address, credentials)
        return _success(request, address, key)

    def _on_response(self, response: stun.Message, signed: bytes, address: Address) -> None:
        agent = next((agent for agent in self._calling.values() if response.transaction_id in agent.asked), None)
        if agent is None or not _signed_by(signed, agent.remote.password.encode()):
            return
        if not agent.answered_by(response.transaction_id, address):
            return
        if self._hear(agent, address) and agent.address is None:
            agent.nominate(address, time.monotonic())

    def _hear(self, agent: Agent, address: Address) -> bool:
        """Whether the address is the agent's now."""
        now = time.monotonic()
        owner = self._owners.get(address)
        if owner is not agent:
            if owner is not None:
                heard_at = owner.alive() if address == owner.address else 0.0
                if now - max(heard_at, owner.admitted[address]) < self.HOLD:
                    return False
                self._release(owner, address)
            if len(agent.admitted) >= ADDRESSES:
                others = [known for known in agent.admitted if known != agent.address]
                self._release(agent, min(others, key=agent.admitted.__getitem__))
            self._owners[address] = agent
            agent.admit(address)
        agent.heard_at = agent.admitted[address] = now
        return True

    def _select(self, agent: Agent, address: Address, by: Credentials) -> None:
        if by == agent.credentials and agent.former is not None:
            del self._agents[agent.former.ufrag]
            agent.former = None
        if agent.address != address:
            agent.address = address
            agent.selected(address)
        if agent.nominated_by != by:
            agent.nominated_by = by
            agent.trust(by)

    def _release(self, agent: Agent, address: Address) -> None:
        del agent.admitted[address], self._owners[address]
        agent.expel(address)
