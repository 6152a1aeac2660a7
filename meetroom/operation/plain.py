"""What the server says over plain HTTP: the authority to install at /ca, and for all else where HTTPS is."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

Wsgi = Callable[[dict[str, Any], Callable[[str, list[tuple[str, str]]], Any]], Iterable[bytes]]


def plain_app(ca_certificate: Path, hosts: Collection[str], port: int) -> Wsgi:
    """A WSGI application. `hosts` are the names and addresses of this server, the one people are told first: a request
    by any of them stays with it, others (a forged Host header) go to the first. `port` is that of HTTPS."""

    def app(environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            start_response("405 Method Not Allowed", [("Allow", "GET, HEAD"), ("Content-Length", "0")])
            return []
        if environ["PATH_INFO"] == "/ca":
            authority = ca_certificate.read_bytes()
            headers = Headers([("Content-Type", "application/x-x509-ca-cert"), ("Content-Length", str(len(authority)))])
            headers.add_header("Content-Disposition", "attachment", filename="meetroom-ca.crt")
            start_response("200 OK", headers.items())
            return [authority] if environ["REQUEST_METHOD"] == "GET" else []
        asked = environ.get("HTTP_HOST", "").rsplit(":", 1)[0].lower()
        host = asked if asked in hosts else next(iter(hosts))
        start_response("302 Found", [("Location", f"https://{host}:{port}/"), ("Content-Length", "0")])
        return []

    return app
