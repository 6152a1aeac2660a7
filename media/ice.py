"""ICE-lite (RFC 8445) for all peers of one port: answers authenticated binding requests, and knows from which
addresses a peer may speak and at which it wants to be spoken to. Consent by RFC 7675 comes with the same requests."""

import secrets
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aioice import stun

from media.engine import Address

ADDRESSES = 8  # one peer may speak from so many at once


@dataclass(frozen=True)
class Credentials:
    ufrag: str
    password: str


def _fresh() -> Credentials:
    return Credentials(secrets.token_hex(4), secrets.token_hex(16))


@dataclass
class Agent:
    """One peer's side. `admitted` maps each validated address to when it was last heard, by the monotonic clock."""

    receive: Callable[[bytes], None]  # DTLS from a validated address
    selected: Callable[[Address], None]
    admit: Callable[[Address], None]
    expel: Callable[[Address], None]
    credentials: Credentials = field(default_factory=_fresh)
    former: Credentials | None = None
    address: Address | None = None
    heard_at: float = 0.0
    admitted: dict[Address, float] = field(default_factory=dict)


class IceLite:
    """All agents of one port."""

    HOLD = 15.0
    """Seconds an address stays with the peer last heard there: nobody else can take it meanwhile, not even with
    credentials of their own and a forged source."""

    def __init__(self) -> None:
        self._agents: dict[str, Agent] = {}
        self._owners: dict[Address, Agent] = {}

    def add(self, agent: Agent) -> None:
        self._agents[agent.credentials.ufrag] = agent

    def restart(self, agent: Agent) -> None:
        """New credentials. The old ones stay good until the new ones have led to a nominated address."""
        if agent.former is not None:
            del self._agents[agent.former.ufrag]
        agent.former, agent.credentials = agent.credentials, _fresh()
        self._agents[agent.credentials.ufrag] = agent

    def remove(self, agent: Agent) -> None:
        for credentials in (agent.credentials, agent.former):
            if credentials is not None:
                self._agents.pop(credentials.ufrag, None)
        for address in list(agent.admitted):
            self._release(agent, address)

    def owner(self, address: Address) -> Agent | None:
        """The peer ICE has validated at this address."""
        return self._owners.get(address)

    def receive(self, data: bytes, address: Address) -> bytes | None:
        """The response to a STUN datagram, or None: what does not parse or authenticate meets silence."""
        try:
            request = stun.parse_message(data)
        except (ValueError, struct.error, IndexError):
            return None
        if (request.message_method, request.message_class) != (stun.Method.BINDING, stun.Class.REQUEST):
            return None
        ufrag = str(request.attributes.get("USERNAME", "")).partition(":")[0]
        agent = self._agents.get(ufrag)
        if agent is None or "MESSAGE-INTEGRITY" not in request.attributes:
            return None
        current = agent.credentials.ufrag == ufrag
        credentials = agent.credentials if current or agent.former is None else agent.former
        key = credentials.password.encode()
        try:
            stun.parse_message(data, integrity_key=key)
        except ValueError:
            return None
        if "ICE-CONTROLLED" in request.attributes:
            response = stun.Message(request.message_method, stun.Class.ERROR, request.transaction_id)
            response.attributes["ERROR-CODE"] = (487, "Role Conflict")
        elif self._hear(agent, address):
            if agent.address is None or "USE-CANDIDATE" in request.attributes:
                self._select(agent, address, current)
            response = stun.Message(request.message_method, stun.Class.RESPONSE, request.transaction_id)
            response.attributes["XOR-MAPPED-ADDRESS"] = (address[0].removeprefix("::ffff:"), address[1])
        else:
            return None
        response.add_message_integrity(key)
        return bytes(response)

    def _hear(self, agent: Agent, address: Address) -> bool:
        """Whether the address is the agent's now."""
        now = time.monotonic()
        owner = self._owners.get(address)
        if owner is not agent:
            if owner is not None:
                if now - owner.admitted[address] < self.HOLD:
                    return False
                self._release(owner, address)
            if len(agent.admitted) >= ADDRESSES:
                others = [known for known in agent.admitted if known != agent.address]
                self._release(agent, min(others, key=agent.admitted.__getitem__))
            self._owners[address] = agent
            agent.admit(address)
        agent.heard_at = agent.admitted[address] = now
        return True

    def _select(self, agent: Agent, address: Address, current: bool) -> None:
        if current and agent.former is not None:
            del self._agents[agent.former.ufrag]
            agent.former = None
        if agent.address != address:
            agent.address = address
            agent.selected(address)

    def _release(self, agent: Agent, address: Address) -> None:
        del agent.admitted[address], self._owners[address]
        agent.expel(address)
