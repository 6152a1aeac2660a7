"""HTTPS on a LAN without internet: a local certificate authority and the server's certificate, made on first run.

Devices install the authority once (`/ca`). It may vouch only for this house: its name constraints (RFC 5280, 4.2.1.10)
allow local names and private addresses, so a stolen authority cannot pose as a bank.
"""

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PRIVATE = tuple(
    IPv4Network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8")
)
LOCAL = ("localhost", "local")
CA_LIFE = timedelta(days=3652)
LEAF_LIFE = timedelta(days=397)  # the longest that browsers accept of a public authority
RENEW_BEFORE = timedelta(days=30)
BACKDATE = timedelta(hours=1)  # tablets whose clock is a little behind

Name = x509.DNSName | x509.IPAddress


@dataclass(frozen=True)
class Identity:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def fingerprint(self) -> str:
        """SHA-256, as the installation dialogs of tablets show it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def expires(self) -> datetime:
        return self.certificate.not_valid_after_utc


@dataclass(frozen=True)
class Certificates:
    ca: Identity
    server: Identity
    renewed: bool
    uncovered: tuple[str, ...]  # names and addresses the authority may not vouch for, so the certificate lacks them


def ensure(folder: Path, *, names: Iterable[str], addresses: Iterable[IPv4Address], now: datetime | None = None) -> Certificates:
    """Make what is missing, renew what ends within 30 days or no longer names this machine.

    `names` and `addresses` are what people may type, besides localhost. Raises ValueError when a file is unreadable as
    what it should be: replacing an authority is a person's decision, since every device has to install the new one.
    """
    now = now or datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = _wanted(names, addresses)

    ca = _read(folder / "ca")
    if ca is None and (folder / "ca.pem").exists():
        raise ValueError(f"{folder / 'ca.key'} is missing; restore it, or remove ca.pem as well to make a new authority")
    if ca is None or ca.expires - now < RENEW_BEFORE:
        ca = _make_ca(wanted, now)
        _write(folder / "ca", ca)

    permitted = [name for name in wanted if _permits(ca.certificate, name)]
    server = _read(folder / "server")
    renewed = server is None or not _fits(server, ca, permitted, now)
    if server is None or renewed:
        server = _make_server(ca, permitted, now)
        _write(folder / "server", server)
    return Certificates(ca, server, renewed, tuple(str(name.value) for name in wanted if name not in permitted))


def _wanted(names: Iterable[str], addresses: Iterable[IPv4Address]) -> list[Name]:
    every_name = dict.fromkeys((*filter(None, names), "localhost"))
    every_address = dict.fromkeys((*addresses, IPv4Address("127.0.0.1")))
    return [*map(x509.DNSName, every_name), *map(x509.IPAddress, every_address)]


def _make_ca(wanted: list[Name], now: datetime) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    title = f"meetroom {socket.gethostname()}"[:64]  # RFC 5280: a common name has at most 64 characters
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    constraints = x509.NameConstraints(permitted_subtrees=_constraints(wanted), excluded_subtrees=None)
    certificate = (
        _builder(subject, subject, key, key, now, CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(constraints, critical=True)
        .sign(key, hashes.SHA256())
    )
    return Identity(certificate, key)


def _make_server(ca: Identity, names: list[Name], now: datetime) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(names[0].value)[:64])])
    life = min(LEAF_LIFE, ca.expires - now)
    certificate = (
        _builder(subject, ca.certificate.subject, key, ca.key, now, life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(ca.key, hashes.SHA256())
    )
    return Identity(certificate, key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime, life: timedelta,
) -> x509.CertificateBuilder:
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATE)
        .not_valid_after(now - BACKDATE + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer_id, critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _constraints(wanted: list[Name]) -> list[x509.GeneralName]:
    """Local names and private networks, and what this machine has beyond them, exactly."""
    general: list[x509.GeneralName] = [*map(x509.DNSName, LOCAL), *map(x509.IPAddress, PRIVATE)]
    for name in wanted:
        if not _within(name, general):
            general.append(name if isinstance(name, x509.DNSName) else x509.IPAddress(IPv4Network(str(name.value))))
    return general


def _permits(ca: x509.Certificate, name: Name) -> bool:
    return _within(name, ca.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or [])


def _within(name: Name, trees: Iterable[x509.GeneralName]) -> bool:
    match name:
        case x509.DNSName(value=host):
            zones = [tree.value for tree in trees if isinstance(tree, x509.DNSName)]
            return any(host == zone or host.endswith(f".{zone}") for zone in zones)
        case x509.IPAddress(value=address):
            networks = [tree.value for tree in trees if isinstance(tree, x509.IPAddress)]
            return any(isinstance(network, IPv4Network) and address in network for network in networks)


def _fits(server: Identity, ca: Identity, names: list[Name], now: datetime) -> bool:
    try:
        server.certificate.verify_directly_issued_by(ca.certificate)
    except Exception:  # cryptography raises ValueError, TypeError or InvalidSignature: all mean another authority
        return False
    present = server.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    ours = server.certificate.public_key() == server.key.public_key()
    return ours and set(present) == set(names) and server.expires - now >= RENEW_BEFORE


def _read(stem: Path) -> Identity | None:
    """None when either file is missing: half of a pair, left by a stop between two writes, is worth nothing."""
    try:
        certificate = x509.load_pem_x509_certificate(stem.with_suffix(".pem").read_bytes())
        key = serialization.load_pem_private_key(stem.with_suffix(".key").read_bytes(), password=None)
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ValueError(f"{stem}.pem or {stem}.key is not a certificate with its key: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{stem}.key is not an elliptic-curve key")
    return Identity(certificate, key)


def _write(stem: Path, identity: Identity) -> None:
    """The key first: a reader that finds the new certificate finds its key as well."""
    pkcs8 = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    _replace(stem.with_suffix(".key"), identity.key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    _replace(stem.with_suffix(".pem"), identity.certificate.public_bytes(pem))


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_suffix(path.suffix + ".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
