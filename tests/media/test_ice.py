import struct

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from media import ice
from media.engine import Address
from media.ice import Agent, Calling, Credentials, IceLite

HERE: Address = ("192.0.2.1", 1000)
THERE: Address = ("192.0.2.2", 2000)


class Peer:
    """An agent and what it was told."""

    def __init__(self, lite: IceLite) -> None:
        self.admitted: list[Address] = []
        self.expelled: list[Address] = []
        self.selected: list[Address] = []
        self.received: list[bytes] = []
        self.trusted: list[Credentials] = []
        self.alive_at = 0.0
        self.agent = Agent(
            self.received.append,
            self.selected.append,
            self.admitted.append,
            self.expelled.append,
            self.trusted.append,
            lambda: self.alive_at,
        )
        lite.add(self.agent)

    def request(self, password: str | None = None, ufrag: str | None = None, **attributes: object) -> bytes:
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        message.attributes["USERNAME"] = (ufrag or self.agent.credentials.ufrag) + ":browser"
        message.attributes["ICE-CONTROLLING"] = 1
        message.attributes["PRIORITY"] = 1
        for name, value in attributes.items():
            message.attributes[name.replace("_", "-")] = value
        message.add_message_integrity((password or self.agent.credentials.password).encode())
        return bytes(message)


@pytest.fixture
def lite() -> IceLite:
    return IceLite()


def test_a_check_is_answered_and_opens_the_address(lite: IceLite) -> None:
    peer = Peer(lite)
    request = peer.request()
    answer = lite.receive(request, HERE)
    assert answer is not None
    response = stun.parse_message(answer, integrity_key=peer.agent.credentials.password.encode())
    assert (response.message_class, response.transaction_id) == (stun.Class.RESPONSE, request[8:20])
    assert response.attributes["XOR-MAPPED-ADDRESS"] == HERE
    assert (peer.admitted, peer.selected) == ([HERE], [HERE])
    assert lite.owner(HERE) is peer.agent
    assert lite.owner(THERE) is None


def test_ipv6_and_ipv4_behind_it(lite: IceLite) -> None:
    peer = Peer(lite)
    for address, mapped in ((("2001:db8::1", 5, 0, 0), ("2001:db8::1", 5)), (("::ffff:192.0.2.9", 5, 0, 0), ("192.0.2.9", 5))):
        answer = lite.receive(peer.request(), address)
        assert answer is not None
        assert stun.parse_message(answer).attributes["XOR-MAPPED-ADDRESS"] == mapped


def test_the_first_address_is_used_until_another_is_nominated(lite: IceLite) -> None:
    peer = Peer(lite)
    lite.receive(peer.request(), HERE)
    lite.receive(peer.request(), THERE)
    assert peer.selected == [HERE]
    lite.receive(peer.request(USE_CANDIDATE=None), THERE)
    lite.receive(peer.request(USE_CANDIDATE=None), THERE)
    assert peer.selected == [HERE, THERE]
    assert lite.owner(HERE) is peer.agent


def test_both_controlled_is_a_conflict(lite: IceLite) -> None:
    peer = Peer(lite)
    answer = lite.receive(peer.request(ICE_CONTROLLED=1), HERE)
    assert answer is not None
    assert stun.parse_message(answer).attributes["ERROR-CODE"][0] == 487
    assert peer.admitted == []


def without_integrity(request: bytes) -> bytes:
    message = stun.parse_message(request)
    del message.attributes["MESSAGE-INTEGRITY"], message.attributes["FINGERPRINT"]
    return bytes(message)


def indication(request: bytes) -> bytes:
    return struct.pack("!H", stun.Method.BINDING | stun.Class.INDICATION) + request[2:]


def test_what_is_not_authentic_meets_silence(lite: IceLite) -> None:
    peer = Peer(lite)
    request = peer.request()
    for data in (
        peer.request(password="another"),
        peer.request(ufrag="unknown"),
        without_integrity(request),
        indication(request),
        request[:-1],
        request[:30] + bytes((request[30] ^ 1,)) + request[31:],
    ):
        assert lite.receive(data, HERE) is None
    assert peer.admitted == []


@given(st.binary(max_size=100), st.integers(0, 60), st.integers(0, 255))
def test_junk_meets_silence(data: bytes, at: int, value: int) -> None:
    lite = IceLite()
    request = bytearray(Peer(lite).request())
    request[at] ^= value
    lite.receive(data, HERE)
    lite.receive(struct.pack("!HHL", 1, len(data), stun.COOKIE) + bytes(12) + data, HERE)
    assert (lite.receive(bytes(request), HERE) is None) is (value != 0)


def test_what_follows_the_signature_counts_for_nothing(lite: IceLite) -> None:
    """Somebody on the way could nominate with another's check, or take its name off."""
    peer, other = Peer(lite), Peer(lite)
    lite.receive(peer.request(), HERE)
    name = f"{other.agent.credentials.ufrag}:x".encode()
    added = [struct.pack("!HH", kind, len(value)) + value for kind, value in ((0x25, b""), (0x06, name + bytes(-len(name) % 4)))]
    for request in (*(peer.request() + one for one in added), peer.request()[:-8] + 2 * added[0]):
        request = request[:2] + struct.pack("!H", len(request) - 20) + request[4:]
        assert lite.receive(request, THERE) is not None
    assert (peer.selected, other.selected) == ([HERE], [])


def test_a_restart_keeps_the_old_way_until_the_new_one_is_nominated(lite: IceLite) -> None:
    peer = Peer(lite)
    old = peer.agent.credentials
    lite.receive(peer.request(), HERE)
    lite.restart(peer.agent)
    assert peer.agent.credentials.ufrag != old.ufrag
    assert lite.receive(peer.request(old.password, old.ufrag), HERE) is not None
    assert lite.receive(peer.request(), THERE) is not None
    assert peer.selected == [HERE]
    assert lite.receive(peer.request(USE_CANDIDATE=None), THERE) is not None
    assert peer.selected == [HERE, THERE]
    assert lite.receive(peer.request(old.password, old.ufrag), HERE) is None


def test_of_two_restarts_the_first_is_forgotten(lite: IceLite) -> None:
    peer = Peer(lite)
    first = peer.agent.credentials
    lite.restart(peer.agent)
    second = peer.agent.credentials
    lite.restart(peer.agent)
    assert lite.receive(peer.request(first.password, first.ufrag), HERE) is None
    assert lite.receive(peer.request(second.password, second.ufrag), HERE) is not None
    assert lite.receive(peer.request(), HERE) is not None


def test_nobody_takes_an_address_in_use(lite: IceLite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even with credentials of their own and a forged source."""
    now = 1000.0
    monkeypatch.setattr(ice.time, "monotonic", lambda: now)
    peer, thief = Peer(lite), Peer(lite)
    lite.receive(peer.request(), HERE)
    now += IceLite.HOLD - 1
    assert lite.receive(thief.request(), HERE) is None
    assert lite.owner(HERE) is peer.agent
    now += 2  # nothing was heard of the peer there: behind a NAT the address may be given to another
    assert lite.receive(thief.request(), HERE) is not None
    assert lite.owner(HERE) is thief.agent
    assert peer.expelled == [HERE]


def test_an_address_is_in_use_where_others_answer_the_checks(lite: IceLite, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(ice.time, "monotonic", lambda: now)
    peer, thief = Peer(lite), Peer(lite)
    for address in (HERE, THERE):
        lite.receive(peer.request(), address)
    now += IceLite.HOLD + 1
    peer.alive_at = now - 1
    assert lite.receive(thief.request(), HERE) is None
    assert lite.receive(thief.request(), THERE) is not None  # it was not nominated, and not heard of


def test_who_answers_the_checks_is_told_which_credentials_were_nominated(lite: IceLite) -> None:
    peer = Peer(lite)
    old = peer.agent.credentials
    for _ in range(2):
        lite.receive(peer.request(USE_CANDIDATE=None), HERE)
    assert peer.trusted == [old]
    lite.restart(peer.agent)
    lite.receive(peer.request(), HERE)
    assert peer.trusted == [old]
    lite.receive(peer.request(USE_CANDIDATE=None), HERE)  # at the same address
    assert peer.trusted == [old, peer.agent.credentials]
    assert peer.selected == [HERE]
    assert lite.receive(peer.request(old.password, old.ufrag), HERE) is None


def test_one_peer_does_not_fill_the_table(lite: IceLite) -> None:
    peer = Peer(lite)
    addresses: list[Address] = [("192.0.2.1", port) for port in range(1, 3 * ice.ADDRESSES)]
    for address in addresses:
        lite.receive(peer.request(), address)
    assert [address for address in addresses if lite.owner(address)] == [addresses[0], *addresses[-ice.ADDRESSES + 1 :]]


def test_who_has_left_is_forgotten(lite: IceLite) -> None:
    peer = Peer(lite)
    lite.receive(peer.request(), HERE)
    lite.restart(peer.agent)
    lite.remove(peer.agent)
    assert lite.owner(HERE) is None
    assert lite.receive(peer.request(), HERE) is None
    assert peer.expelled == [HERE]


class Caller:
    """One node calls another, whose agent is `called`; `reached` are the addresses at which the two can reach each other."""

    def __init__(self, *candidates: Address, reached: Address = THERE, remote: Credentials | None = None) -> None:
        self.ice, self.other = IceLite(), IceLite()
        self.called = Peer(self.other)
        self.told: list[tuple[str, object]] = []
        self.requests: list[stun.Message] = []
        self.deaf = False
        self.agent = Calling(
            receive=lambda data: None,
            selected=lambda address: self.told.append(("selected", address)),
            admit=lambda address: self.told.append(("admit", address)),
            expel=lambda address: self.told.append(("expel", address)),
            remote=remote or self.called.agent.credentials,
            candidates=candidates or (("192.0.2.7", 7), THERE),
            send=self._send,
        )
        self.reached = reached
        self.ice.add(self.agent)

    def _send(self, data: bytes, address: Address) -> None:
        self.requests.append(stun.parse_message(data))
        if address == self.reached and not self.deaf:
            answer = self.other.receive(data, HERE)
            if answer is not None:
                self.ice.receive(answer, address)


def test_a_caller_nominates_the_candidate_that_answers() -> None:
    caller = Caller()
    caller.ice.check(1.0)
    assert caller.told == [("admit", THERE), ("selected", THERE)]
    assert caller.called.selected == [HERE]
    assert caller.ice.owner(THERE) is caller.agent
    assert ["USE-CANDIDATE" in request.attributes for request in caller.requests] == [False, False, True]
    assert {"ICE-CONTROLLING", "PRIORITY", "MESSAGE-INTEGRITY", "FINGERPRINT"} <= caller.requests[0].attributes.keys()
    caller.ice.remove(caller.agent)
    assert caller.told[-1] == ("expel", THERE)
    assert caller.ice.owner(THERE) is None


def test_a_caller_asks_again_and_goes_on_asking_for_consent() -> None:
    caller = Caller()
    caller.deaf = True
    for tick in range(100):
        caller.ice.check(1.0 + tick / 20)
    assert 40 <= len(caller.requests) <= 52
    assert caller.told == []
    caller.deaf = False
    caller.ice.check(7.0)
    assert caller.agent.address == THERE
    asked, heard_at = len(caller.requests), caller.agent.heard_at
    for tick in range(100):
        caller.ice.check(8.0 + tick / 10)
    assert 8 <= len(caller.requests) - asked <= 13
    assert caller.agent.heard_at > heard_at
    assert caller.told == [("admit", THERE), ("selected", THERE)]


def test_an_ipv4_address_may_answer_in_its_mapped_form() -> None:
    caller = Caller()
    caller.deaf = True
    caller.ice.check(1.0)
    request = bytes(caller.requests[-1])
    answer = caller.other.receive(request, HERE)
    assert answer is not None
    mapped = ("::ffff:192.0.2.2", 2000, 0, 0)
    caller.ice.receive(answer, mapped)
    assert caller.told == [("admit", mapped), ("selected", mapped)]


@pytest.mark.parametrize("wrong", ["password", "address", "transaction", "twice", "unsigned"])
def test_answers_that_are_none(wrong: str) -> None:
    caller = Caller()
    caller.deaf = True
    caller.ice.check(1.0)
    request = caller.requests[-1]
    response = stun.Message(request.message_method, stun.Class.RESPONSE, request.transaction_id)
    key = caller.called.agent.credentials.password.encode()
    if wrong == "transaction":
        response.transaction_id = bytes(12)
    if wrong != "unsigned":
        response.add_message_integrity(b"other" if wrong == "password" else key)
    if wrong == "twice":
        caller.ice.receive(bytes(response), HERE)  # a good one, but from elsewhere, which ends the transaction
    caller.ice.receive(bytes(response), HERE if wrong == "address" else THERE)
    assert caller.told == []
    assert caller.ice.owner(THERE) is None


def test_who_holds_an_address_keeps_it() -> None:
    caller = Caller()
    resident = Peer(caller.ice)
    caller.ice.receive(resident.request(), THERE)
    caller.ice.check(1.0)
    assert caller.told == []
    assert caller.ice.owner(THERE) is resident.agent
