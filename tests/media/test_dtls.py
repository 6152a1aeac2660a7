import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest
from OpenSSL import SSL

from media import dtls
from media.dtls import HEADER, Dtls, Identity
from media.engine import Keys
from tests.media.driver import until
from tests.media.junk import client_hello, junk

PROFILES = b":".join(name.encode() for name in dtls.PROFILES)


class Browser:
    """The client end, as browsers are, made of pyOpenSSL. `lossy` drops the first datagrams of the node."""

    def __init__(self, *, profiles: bytes = PROFILES, certificate: bool = True, lossy: int = 0) -> None:
        self.identity, self.node = Identity(), Identity()
        context = SSL.Context(SSL.DTLS_CLIENT_METHOD)
        context.set_verify(SSL.VERIFY_NONE, lambda *_: True)
        if profiles:
            context.set_tlsext_use_srtp(profiles)
        if certificate:
            # the node's own certificate class serves as the browser's: only the role differs
            context.use_certificate(self.identity.certificate)
            context.use_privatekey(self.identity.key)
        self.ssl = SSL.Connection(context)
        self.ssl.set_connect_state()
        self.keys: list[Keys] = []
        self.closed = 0
        self.sizes: list[int] = []
        self.lossy = lossy
        self.end = Dtls(
            self.node,
            ("sha-256", self.identity.fingerprint),
            send=self.receive,
            connected=self.keys.append,
            closed=self._closed,
        )

    def _closed(self) -> None:
        self.closed += 1

    def receive(self, datagram: bytes) -> None:
        self.sizes.append(len(datagram))
        if self.lossy:
            self.lossy -= 1
            return
        self.ssl.bio_write(datagram)

    def step(self) -> bool:
        """Whether the handshake is done."""
        try:
            self.ssl.do_handshake()
        except SSL.WantReadError:
            self.flush()
            return False
        self.flush()
        return True

    def flush(self) -> None:
        try:
            data = self.ssl.bio_read(65536)
        except SSL.Error:
            return
        for record in dtls._records(data):
            self.end.receive(record)

    async def shake(self, seconds: float = 5.0) -> None:
        for _ in range(int(seconds / 0.02)):
            if self.step() and self.end.state == "connected":
                return
            self.ssl.DTLSv1_handle_timeout()
            self.flush()
            await asyncio.sleep(0.02)
        raise TimeoutError


def run(scene: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scene())


@pytest.mark.parametrize("profile", dtls.PROFILES)
def test_both_ends_have_the_same_keys(profile: str) -> None:
    async def scene() -> None:
        browser = Browser(profiles=profile.encode())
        await browser.shake()
        [keys] = browser.keys
        key, salt = dtls.PROFILES[profile]
        material = browser.ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (key + salt))
        assert keys.profile == profile
        assert keys.receive == material[:key] + material[2 * key : 2 * key + salt]
        assert keys.send == material[key : 2 * key] + material[2 * key + salt :]
        assert max(browser.sizes) <= dtls.MTU

    run(scene)


def test_gcm_is_preferred() -> None:
    async def scene() -> None:
        browser = Browser(profiles=b"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM")
        await browser.shake()
        assert browser.keys[0].profile == "SRTP_AEAD_AES_256_GCM"

    run(scene)


def in_parts(record: bytes) -> list[bytes]:
    """A handshake message as two fragments, as browsers send a hello that is longer than a datagram."""
    head, body = record[:HEADER], record[HEADER + 12 :]
    kind, length, number = record[HEADER : HEADER + 1], record[HEADER + 1 : HEADER + 4], record[HEADER + 4 : HEADER + 6]
    half = len(body) // 2
    fragments = []
    for offset, part in ((0, body[:half]), (half, body[half:])):
        message = kind + length + number + offset.to_bytes(3, "big") + len(part).to_bytes(3, "big") + part
        fragments.append(head[:11] + len(message).to_bytes(2, "big") + message)
    return fragments


def test_a_hello_may_come_in_several_parts() -> None:
    async def scene() -> None:
        browser = Browser()
        receive = browser.end.receive

        def cut(data: bytes) -> None:
            hello = data[0] == dtls.HANDSHAKE and data[HEADER] == dtls.CLIENT_HELLO
            for record in in_parts(data) if hello else [data]:
                receive(record)

        browser.end.receive = cut  # type: ignore[method-assign]
        await browser.shake()
        assert browser.end.state == "connected"

    run(scene)


def test_lost_flights_are_sent_again() -> None:
    async def scene() -> None:
        browser = Browser(lossy=2)
        await browser.shake()
        assert len(browser.keys) == 1

    run(scene)


@pytest.mark.parametrize(
    "browser",
    [lambda: Browser(certificate=False), lambda: Browser(profiles=b"")],
    ids=["no certificate", "no SRTP"],
)
def test_who_cannot_be_served_gets_no_keys(browser: Callable[[], Browser]) -> None:
    async def scene() -> None:
        with pytest.raises((TimeoutError, SSL.Error)):
            await (client := browser()).shake(0.5)
        assert client.keys == []

    run(scene)


@pytest.mark.parametrize("fingerprint", [("sha-256", "AB:CD"), ("md5", "AB:CD")])
def test_another_certificate_than_the_offer_s_ends_it(fingerprint: tuple[str, str]) -> None:
    async def scene() -> None:
        browser = Browser()
        browser.end = Dtls(browser.node, fingerprint, send=browser.receive, connected=browser.keys.append, closed=browser._closed)
        with pytest.raises(TimeoutError):
            await browser.shake(0.3)
        assert (browser.end.state, browser.keys, browser.closed) == ("failed", [], 1)

    run(scene)


def test_a_goodbye_is_heard_and_said() -> None:
    async def scene() -> None:
        leaving, left = Browser(), Browser()
        for browser in (leaving, left):
            await browser.shake()
        leaving.ssl.shutdown()
        leaving.flush()
        assert (leaving.end.state, leaving.closed) == ("closed", 1)
        left.end.close()
        with pytest.raises(SSL.ZeroReturnError):
            left.ssl.recv(100)
        assert left.closed == 0

    run(scene)


def scene_under(attack: Callable[[Browser], None]) -> Callable[[], Awaitable[None]]:
    """A handshake with junk in the browser's name before it and after its hello."""

    async def scene() -> None:
        browser = Browser()
        attack(browser)
        browser.step()
        attack(browser)
        await browser.shake()
        assert browser.end.state == "connected"

    return scene


@pytest.mark.parametrize("seed", range(5))
def test_junk_does_not_prevent_a_handshake(seed: int) -> None:
    chance = random.Random(seed)

    def attack(browser: Browser) -> None:
        for _ in range(20):
            for data in junk(chance, hello=False):
                browser.end.receive(data)

    run(scene_under(attack))


def test_a_forged_hello_does_not_lock_out_the_real_one() -> None:
    async def scene() -> None:
        browser = Browser(lossy=9)
        browser.end.receive(client_hello(random.Random(1)))
        assert browser.sizes  # it was answered; the answer got lost
        browser.lossy = 0
        await browser.shake()
        assert browser.end.state == "connected"

    run(scene)


def test_a_forged_record_of_a_high_number_does_not_make_the_real_ones_too_old() -> None:
    async def scene() -> None:
        browser = Browser()
        browser.step()
        part = b"\x0b" + (100).to_bytes(3, "big") + (900).to_bytes(2, "big") + bytes(3) + (10).to_bytes(3, "big") + bytes(10)
        browser.end.receive(b"\x16\xfe\xfd\x00\x00\xff" + bytes(5) + len(part).to_bytes(2, "big") + part)
        await browser.shake()
        assert browser.end.state == "connected"

    run(scene)


def test_junk_does_not_end_a_connection_that_stands() -> None:
    async def scene() -> None:
        browser = Browser()
        await browser.shake()
        chance = random.Random(3)
        for _ in range(100):
            for data in junk(chance):
                browser.end.receive(data)
        assert (browser.end.state, browser.closed) == ("connected", 0)
        browser.ssl.shutdown()  # it still hears
        browser.flush()
        assert browser.end.state == "closed"

    run(scene)


class Wire:
    """Two nodes, the first of which calls the second. `meddle` sees every datagram and says what arrives of it."""

    def __init__(self, expected: str = "", meddle: Callable[[bytes], list[bytes]] = lambda data: [data]) -> None:
        self.keys: dict[str, Keys] = {}
        self.closed: list[str] = []
        caller, called = Identity(), Identity()
        loop = asyncio.get_running_loop()

        def carry(to: str) -> Callable[[bytes], None]:
            return lambda data: [loop.call_soon(self.ends[to].receive, part) for part in meddle(data)] and None

        def end(name: str, own: Identity, fingerprint: str, other: str) -> Dtls:
            return Dtls(
                own,
                ("sha-256", fingerprint),
                send=carry(other),
                connected=lambda keys: self.keys.update({name: keys}),
                closed=lambda: self.closed.append(name),
                calling=name == "caller",
            )

        self.ends = {
            "caller": end("caller", caller, expected or called.fingerprint, "called"),
            "called": end("called", called, caller.fingerprint, "caller"),
        }
        self.ends["caller"].call()


def test_a_node_calls_a_node() -> None:
    async def scene() -> None:
        wire = Wire()
        await until(lambda: len(wire.keys) == 2)
        caller, called = wire.keys["caller"], wire.keys["called"]
        assert (caller.send, caller.receive) == (called.receive, called.send)
        assert caller.profile == called.profile == "SRTP_AEAD_AES_256_GCM"
        wire.ends["called"].close()
        await until(lambda: wire.closed == ["caller"])
        assert wire.ends["caller"].state == "closed"

    run(scene)


def test_a_caller_trusts_nobody_but_the_certificate_of_the_answer() -> None:
    async def scene() -> None:
        wire = Wire(expected=Identity().fingerprint)
        await until(lambda: wire.closed == ["caller"])
        assert wire.ends["caller"].state == "failed"
        assert "caller" not in wire.keys

    run(scene)


@pytest.mark.parametrize("seed", range(3))
def test_a_caller_s_handshake_survives_loss_and_junk(seed: int) -> None:
    chance = random.Random(seed)

    async def scene() -> None:
        wire = Wire(meddle=lambda data: [*junk(chance, hello=False), data] if chance.random() < 0.8 else [])
        await until(lambda: len(wire.keys) == 2)
        assert wire.keys["caller"].send == wire.keys["called"].receive

    run(scene)
