"""Our DTLS 1.2 end of one peer (RFC 5764), fed with datagrams: no task, no queue. It yields SRTP keys. Browsers call us,
which makes us the server; where we call another node we are the client."""

import asyncio
import contextlib
import datetime
from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from media.engine import Keys

PROFILES = {"SRTP_AEAD_AES_256_GCM": (32, 12), "SRTP_AEAD_AES_128_GCM": (16, 12), "SRTP_AES128_CM_SHA1_80": (16, 14)}
"""Bytes of SRTP key and salt, by OpenSSL's name; the one to prefer first."""

DTLS_1_2 = 0xFEFD
MTU = 1200
PAUSE = 0.5  # seconds before a client begins anew
HEADER = 13  # bytes of a record: type, version, epoch, sequence number, length
CHANGE_CIPHER_SPEC, HANDSHAKE = 20, 22  # types of records,
CLIENT_HELLO = 1  # and of handshake messages
FROM_CLIENTS = (CLIENT_HELLO, 11, 15, 16)  # hello, certificate, its verification, key exchange: in clear
FROM_SERVERS = (2, 3, 4, 11, 12, 13, 14)  # hello, its verification, ticket, certificate, key exchange, request, done
LARGEST = 16384  # bytes of a handshake message
CIPHERS = b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305"
DIGESTS: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha-256": hashes.SHA256,
    "sha-384": hashes.SHA384,
    "sha-512": hashes.SHA512,
}


def _digest(certificate: x509.Certificate, algorithm: str) -> str:
    return certificate.fingerprint(DIGESTS[algorithm]()).hex(":").upper()


class Identity:
    """The node's certificate, made anew at every start. Browsers trust it by the fingerprint in the answer."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "meetroom")])
        now = datetime.datetime.now(datetime.UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=3650))
            .sign(self.key, hashes.SHA256())
        )
        self.fingerprint = _digest(self.certificate, "sha-256")
        self.context = SSL.Context(SSL.DTLS_METHOD)
        self.context.set_min_proto_version(DTLS_1_2)
        self.context.set_max_proto_version(DTLS_1_2)
        self.context.set_options(SSL.OP_NO_QUERY_MTU)
        self.context.set_cipher_list(CIPHERS)
        self.context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        self.context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)  # by fingerprint
        self.context.set_tlsext_use_srtp(":".join(PROFILES).encode())
        self.context.use_certificate(self.certificate)
        self.context.use_privatekey(self.key)


class Dtls:
    """`state` goes from connecting to connected and closed; failed means that the other end is not who signed the
    offer, which ends it as well."""

    def __init__(
        self,
        identity: Identity,
        fingerprint: tuple[str, str],
        *,
        send: Callable[[bytes], None],
        connected: Callable[[Keys], None],
        closed: Callable[[], None],
        calling: bool = False,
    ) -> None:
        """`fingerprint` is the peer's: algorithm and value. `closed` is called when the peer says goodbye or failed.
        `calling`: we are the client, and begin when `call` says so."""
        self.state = "connecting"
        self._calling = calling
        self._identity, self._fingerprint = identity, fingerprint
        self._send, self._connected, self._closed = send, connected, closed
        self._timer: asyncio.TimerHandle | None = None
        self._hello = b""
        self._begin()

    def call(self) -> None:
        """The other end can be reached now: greet it."""
        if self.state == "connecting":
            self._handshake()

    def receive(self, data: bytes) -> None:
        """A datagram from an address ICE has validated. Still anyone can forge what is in clear, so that of it only
        what a handshake needs reaches OpenSSL: no alerts, without which a broken handshake ends by time."""
        for record in _records(data):
            in_clear = record[3:5] == bytes(2)
            if self.state == "connecting":
                if in_clear:
                    if not _plausible(record, FROM_SERVERS if self._calling else FROM_CLIENTS):
                        continue
                    if not self._calling:
                        self._heed(record)
                    record = self._renumbered(record)
                self._ssl.bio_write(record)
                self._handshake()
            elif self.state == "connected" and not in_clear:
                self._ssl.bio_write(record)
                self._read()

    def _heed(self, record: bytes) -> None:
        """A hello with another random begins anew, so that a forged one does not lock out the real one. Browsers' hellos with
        keys against quantum computers come in several parts; the random is in the first."""
        first = record[HEADER + 6 : HEADER + 9] == bytes(3)
        if record[0] == HANDSHAKE and record[HEADER] == CLIENT_HELLO and first:
            hello = record[HEADER + 14 : HEADER + 46]
            if hello != self._hello:
                self._begin()
                self._hello = hello

    def _renumbered(self, record: bytes) -> bytes:
        """With a number in the order of arrival, so that a forged high one does not make all others too old."""
        self._in_clear += 1
        return record[:5] + self._in_clear.to_bytes(6, "big") + record[11:]

    def close(self) -> None:
        """Says goodbye if anyone is there to hear it."""
        if self.state == "connected":
            with contextlib.suppress(SSL.Error):  # the other end broke off in the middle
                self._ssl.shutdown()
            self._flush()
        self._end("closed")

    def _begin(self) -> None:
        self._hello, self._in_clear = b"", -1
        self._ssl = SSL.Connection(self._identity.context)
        self._ssl.set_ciphertext_mtu(MTU)
        if self._calling:
            self._ssl.set_connect_state()
        else:
            self._ssl.set_accept_state()

    def _begin_again(self) -> None:
        """Junk must not end what the real peer can still begin: whoever is the client sends its hello again."""
        self._begin()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(PAUSE, self.call) if self._calling else None

    def _handshake(self) -> None:
        try:
            self._ssl.do_handshake()
        except SSL.WantReadError:
            self._flush()
            self._watch()
            return
        except SSL.Error:
            self._begin_again()
            return
        self._flush()
        self._watch()
        keys = self._keys()
        if keys is None:
            self._end("failed")
            self._closed()
        else:
            self.state = "connected"
            self._connected(keys)

    def _keys(self) -> Keys | None:
        """None if the peer is not the one of the offer, or shares no SRTP profile with us."""
        algorithm, expected = self._fingerprint
        certificate = self._ssl.get_peer_certificate(as_cryptography=True)
        profile = self._ssl.get_selected_srtp_profile().decode()
        if (
            certificate is None
            or algorithm not in DIGESTS
            or _digest(certificate, algorithm) != expected
            or profile not in PROFILES
        ):
            return None
        key, salt = PROFILES[profile]
        material = self._ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (key + salt))
        clients, servers, clients_salt, servers_salt = (
            material[start:end]
            for start, end in (
                (0, key),
                (key, 2 * key),
                (2 * key, 2 * key + salt),
                (2 * key + salt, 2 * (key + salt)),
            )
        )
        client, server = clients + clients_salt, servers + servers_salt
        return Keys(profile, receive=server, send=client) if self._calling else Keys(profile, receive=client, send=server)

    def _read(self) -> None:
        try:
            self._ssl.recv(MTU)
        except SSL.ZeroReturnError:
            self._end("closed")
            self._closed()
            return
        except SSL.Error:
            pass  # nothing to read, which is the rule: we carry no data channels
        self._flush()  # the last flight again, if the peer missed it

    def _watch(self) -> None:
        """OpenSSL wants to be called when its retransmission time is over."""
        if self._timer is not None:
            self._timer.cancel()
        delay = self._ssl.DTLSv1_get_timeout()
        self._timer = None if delay is None else asyncio.get_running_loop().call_later(delay, self._retry)

    def _retry(self) -> None:
        if self.state == "connecting":
            try:
                self._ssl.DTLSv1_handle_timeout()
            except SSL.Error:
                self._begin_again()  # it gave up
                return
            self._flush()
            self._watch()

    def _end(self, state: str) -> None:
        self.state = state
        if self._timer is not None:
            self._timer.cancel()

    def _flush(self) -> None:
        """Sends what OpenSSL wrote. A memory BIO forgets where datagrams ended: they are cut anew between records."""
        written = b""
        while True:
            try:
                written += self._ssl.bio_read(1 << 16)
            except SSL.Error:
                break
        datagram = b""
        for record in _records(written):
            if datagram and len(datagram) + len(record) > MTU:
                self._send(datagram)
                datagram = b""
            datagram += record
        if datagram:
            self._send(datagram)


def _plausible(record: bytes, kinds: tuple[int, ...]) -> bool:
    """Whether the other end would send this in clear; `kinds` are its handshake messages."""
    if record[0] == CHANGE_CIPHER_SPEC:
        return record[HEADER:] == b"\x01"
    if record[0] != HANDSHAKE or len(record) < HEADER + 12:
        return False
    kind = record[HEADER]
    length, offset, part = (int.from_bytes(record[HEADER + at : HEADER + at + 3], "big") for at in (1, 6, 9))
    return kind in kinds and length <= LARGEST and offset + part <= length and HEADER + 12 + part <= len(record)


def _records(data: bytes) -> list[bytes]:
    """The whole records of a datagram; a truncated one at the end is left out."""
    found, at = [], 0
    while at + HEADER <= len(data):
        end = at + HEADER + int.from_bytes(data[at + 11 : at + 13], "big")
        if end > len(data):
            break
        found.append(data[at:end])
        at = end
    return found
