import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509

from meetroom.operation import certificates
from meetroom.operation.certificates import Certificates

NAMES = ("may-chu", "may-chu.local")
ADDRESSES = (IPv4Address("192.168.1.20"), IPv4Address("203.0.113.9"))
NOW = datetime.now(UTC)


def ensure(
    folder: Path, names: tuple[str, ...] = NAMES, addresses: tuple[IPv4Address, ...] = ADDRESSES, later: int = 0
) -> Certificates:
    """`later` in days from now."""
    return certificates.ensure(folder, names=names, addresses=addresses, now=NOW + timedelta(days=later))


def handshake(folder: Path, host: str, *, ca: Path | None = None) -> None:
    """A real TLS client against a real TLS server, as strict as Python's ssl can be."""
    server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_context.load_cert_chain(folder / "server.pem", folder / "server.key")
    client_context = ssl.create_default_context(cafile=ca or folder / "ca.pem")
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT
    near, far = socket.socketpair()

    def serve() -> None:
        try:
            server_context.wrap_socket(far, server_side=True).close()
        except OSError:
            far.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        client_context.wrap_socket(near, server_hostname=host).close()
    finally:
        near.close()
        thread.join()


@pytest.mark.parametrize("host", [*NAMES, "localhost", "127.0.0.1", "192.168.1.20", "203.0.113.9"])
def test_a_browser_that_trusts_the_authority_accepts_every_address(tmp_path: Path, host: str) -> None:
    ensure(tmp_path)
    handshake(tmp_path, host)


@pytest.mark.parametrize("host", ["may-khac", "192.168.1.21", "example.com"])
def test_it_is_not_valid_for_other_names(tmp_path: Path, host: str) -> None:
    ensure(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(tmp_path, host)


@pytest.mark.parametrize("stolen_for", [x509.DNSName("example.com"), x509.IPAddress(IPv4Address("203.0.113.10"))])
def test_a_stolen_authority_cannot_pose_as_someone_else(tmp_path: Path, stolen_for: certificates.Name) -> None:
    made = ensure(tmp_path)
    certificates._write(tmp_path / "server", certificates._make_server(made.ca, [stolen_for], NOW))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(tmp_path, str(stolen_for.value))


def test_files_are_private_and_lives_are_limited(tmp_path: Path) -> None:
    made = ensure(tmp_path)
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in tmp_path.iterdir()} == dict.fromkeys(
        ("ca.pem", "ca.key", "server.pem", "server.key"), "0o600"
    )
    leaf = made.server.certificate
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=397)
    assert timedelta(days=3650) <= made.ca.expires - NOW <= timedelta(days=3653)


def test_nothing_changes_while_nothing_changed(tmp_path: Path) -> None:
    first, second = ensure(tmp_path), ensure(tmp_path, later=300)
    assert first.renewed and not second.renewed
    assert (first.ca.fingerprint, first.server.fingerprint) == (second.ca.fingerprint, second.server.fingerprint)


def test_renewed_in_time_and_for_a_new_address_by_the_same_authority(tmp_path: Path) -> None:
    first = ensure(tmp_path)
    assert ensure(tmp_path, later=370).renewed
    moved = ensure(tmp_path, addresses=(IPv4Address("10.9.8.7"),))
    assert moved.renewed and moved.ca.fingerprint == first.ca.fingerprint
    handshake(tmp_path, "10.9.8.7")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(tmp_path, "192.168.1.20")


def test_the_authority_is_followed_by_a_new_one_before_it_ends(tmp_path: Path) -> None:
    first = ensure(tmp_path)
    second = ensure(tmp_path, later=3640)
    assert second.ca.fingerprint != first.ca.fingerprint and second.renewed


def test_a_name_beyond_the_authority_is_left_out_and_reported(tmp_path: Path) -> None:
    ensure(tmp_path)
    moved = ensure(tmp_path, names=(*NAMES, "hop.example.vn"), addresses=(IPv4Address("198.51.100.4"),))
    assert moved.uncovered == ("hop.example.vn", "198.51.100.4")
    handshake(tmp_path, "may-chu")


@pytest.mark.parametrize("half", ["server.pem", "server.key", "ca.pem"])
def test_half_a_pair_is_made_again(tmp_path: Path, half: str) -> None:
    ensure(tmp_path)
    (tmp_path / half).unlink()
    assert ensure(tmp_path).renewed
    handshake(tmp_path, "localhost")


def test_a_key_of_another_certificate_is_noticed(tmp_path: Path) -> None:
    ensure(tmp_path)
    (tmp_path / "server.key").write_bytes((tmp_path / "ca.key").read_bytes())
    assert ensure(tmp_path).renewed
    handshake(tmp_path, "localhost")


@pytest.mark.parametrize("damage", [lambda f: (f / "ca.pem").write_text("junk"), lambda f: (f / "ca.key").unlink()])
def test_a_damaged_authority_is_a_persons_decision(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    ensure(tmp_path)
    damage(tmp_path)
    with pytest.raises(ValueError, match=r"ca\.(pem|key)"):
        ensure(tmp_path)
