"""The names and addresses by which other machines reach this one (IPv4, Linux)."""

import array
import fcntl
import socket
import struct
from ipaddress import AddressValueError, IPv4Address

from config.settings import Settings

SIOCGIFCONF = 0x8912  # netdevice(7): the addresses of all interfaces that are up
IFREQ_BYTES = 40  # struct ifreq on 64-bit Linux: a name of 16 bytes, then a sockaddr_in with the address at 4
CONTAINER_BRIDGES = ("docker", "br-", "veth", "virbr", "podman", "cni")  # reach only containers of this machine


def lan_addresses() -> tuple[IPv4Address, ...]:
    """All but loopback and container bridges; the one that leads out of the house first. May be empty."""
    found = [address for name, address in _interfaces() if not name.startswith(CONTAINER_BRIDGES) and not address.is_loopback]
    way_out = _way_out()
    return tuple(sorted(dict.fromkeys(found), key=lambda address: address != way_out))


def reachable(settings: Settings) -> tuple[IPv4Address, ...]:
    """Where browsers find this server, best first; never empty."""
    if settings.announce:
        return settings.announce
    if not settings.bind.is_unspecified:
        return (settings.bind,)
    return lan_addresses() or (IPv4Address("127.0.0.1"),)


def host(settings: Settings) -> str:
    """The one name or address that people are told."""
    return settings.public_name or str(reachable(settings)[0])


def certified(settings: Settings) -> tuple[tuple[str, ...], tuple[IPv4Address, ...]]:
    """Every name and every address the server's certificate has to carry."""
    names, addresses = host_names(), (*reachable(settings), *lan_addresses())
    try:
        return names, (IPv4Address(settings.public_name), *addresses)
    except AddressValueError:
        return (*filter(None, [settings.public_name]), *names), addresses


def host_names() -> tuple[str, ...]:
    """This machine's own names: as it calls itself, and as mDNS announces it."""
    name = socket.gethostname().lower()
    return (name, f"{name.split('.')[0]}.local") if name.isascii() else ()


def _interfaces() -> list[tuple[str, IPv4Address]]:
    buffer = array.array("B", bytes(IFREQ_BYTES * 256))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("iL", len(buffer), buffer.buffer_info()[0])
        used = struct.unpack("iL", fcntl.ioctl(any_socket, SIOCGIFCONF, request))[0]
    rows = (buffer[start : start + IFREQ_BYTES].tobytes() for start in range(0, used, IFREQ_BYTES))
    return [(row[:16].split(b"\0", 1)[0].decode(), IPv4Address(row[20:24])) for row in rows]


def _way_out() -> IPv4Address | None:
    """The source address of the default route. Connecting a UDP socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))  # RFC 5737: an address that is nobody's
        except OSError:
            return None
        return IPv4Address(probe.getsockname()[0])
