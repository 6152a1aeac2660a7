import socket
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from config.settings import Settings
from meetroom.operation import addresses
from meetroom.operation.addresses import certified, host, lan_addresses, reachable

INTERFACES = [
    ("lo", IPv4Address("127.0.0.1")),
    ("docker0", IPv4Address("172.17.0.1")),
    ("eth1", IPv4Address("10.0.0.5")),
    ("eth0", IPv4Address("192.168.1.20")),
    ("eth0:1", IPv4Address("192.168.1.20")),
]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with two networks, the second of which leads out."""
    monkeypatch.setattr(addresses, "_interfaces", lambda: INTERFACES)
    monkeypatch.setattr(addresses, "_way_out", lambda: IPv4Address("192.168.1.20"))


def settings(tmp_path: Path, **others: object) -> Settings:
    return Settings(data_dir=tmp_path, **others)  # type: ignore[arg-type]


def test_this_machine_can_really_be_bound_to_each_of_its_addresses() -> None:
    for address in lan_addresses():
        socket.create_server((str(address), 0)).close()
    assert not any(address.is_loopback for address in lan_addresses())


def test_the_network_that_leads_out_comes_first_and_containers_do_not_count(machine: None) -> None:
    assert lan_addresses() == (IPv4Address("192.168.1.20"), IPv4Address("10.0.0.5"))


@pytest.mark.parametrize(
    ("others", "expected", "told"),
    [
        ({}, ["192.168.1.20", "10.0.0.5"], "192.168.1.20"),
        ({"bind": "10.0.0.5"}, ["10.0.0.5"], "10.0.0.5"),
        ({"announce": "203.0.113.9, 10.0.0.5"}, ["203.0.113.9", "10.0.0.5"], "203.0.113.9"),
        ({"public_name": "hop.example.vn"}, ["192.168.1.20", "10.0.0.5"], "hop.example.vn"),
    ],
)
def test_where_people_find_the_server(
    machine: None, tmp_path: Path, others: dict[str, object], expected: list[str], told: str
) -> None:
    here = settings(tmp_path, **others)
    assert [str(address) for address in reachable(here)] == expected
    assert host(here) == told


def test_a_machine_without_a_network_still_serves_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_interfaces", lambda: INTERFACES[:2])
    assert reachable(settings(tmp_path)) == (IPv4Address("127.0.0.1"),)


def test_the_certificate_names_all_that_people_may_type(machine: None, tmp_path: Path) -> None:
    names, numbers = certified(settings(tmp_path, announce="203.0.113.9", public_name="hop.example.vn"))
    assert names[0] == "hop.example.vn" and any(name.endswith(".local") for name in names)
    assert {str(number) for number in numbers} == {"203.0.113.9", "192.168.1.20", "10.0.0.5"}


def test_a_public_name_that_is_an_address_is_certified_as_one(machine: None, tmp_path: Path) -> None:
    names, numbers = certified(settings(tmp_path, public_name="203.0.113.9"))
    assert "203.0.113.9" not in names and IPv4Address("203.0.113.9") in numbers
