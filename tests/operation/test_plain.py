from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse

from meetroom.operation.plain import plain_app

HOSTS = ("192.168.1.20", "may-chu.local")


def ask(ca: Path, path: str, host: str = "192.168.1.20:8080", method: str = "GET") -> TestResponse:
    return Client(plain_app(ca, HOSTS, 8443)).open(path, method=method, headers={"Host": host})


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----")
    return tmp_path / "ca.pem"


def test_a_device_gets_the_authority_as_a_certificate_to_install(ca: Path) -> None:
    answer = ask(ca, "/ca")
    assert (answer.status_code, answer.content_type, answer.data) == (200, "application/x-x509-ca-cert", ca.read_bytes())
    assert answer.headers["Content-Disposition"] == 'attachment; filename="meetroom-ca.crt"'


@pytest.mark.parametrize(
    ("host", "there"),
    [("192.168.1.20:8080", "192.168.1.20"), ("MAY-CHU.local:8080", "may-chu.local"), ("may-chu.local", "may-chu.local"),
     ("evil.example:8080", "192.168.1.20"), ("", "192.168.1.20"), ("[::1]:8080", "192.168.1.20")],
)  # fmt: skip
def test_everything_else_goes_to_https_of_this_server_and_no_other(ca: Path, host: str, there: str) -> None:
    answer = ask(ca, "/login", host)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"https://{there}:8443/")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_sent(ca: Path, method: str) -> None:
    assert ask(ca, "/ca", method=method).status_code == 405
