"""The server's side of the line, real Socket.IO over TLS, that remembers what it is told."""

import asyncio
import datetime
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import socketio
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def _write(path: Path, key: ec.EllipticCurvePrivateKey, *certificates: x509.Certificate) -> Path:
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + b"".join(c.public_bytes(serialization.Encoding.PEM) for c in certificates))
    return path


def certificates(folder: Path) -> tuple[Path, Path]:
    """An authority's certificate, and a server's with its key, for 127.0.0.1."""
    now = datetime.datetime.now(datetime.UTC)
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "authority")])
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "server")])

    def builder(name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return x509.CertificateBuilder(
            issuer_name=issuer,
            subject_name=name,
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now - datetime.timedelta(hours=1),
            not_valid_after=now + datetime.timedelta(hours=1),
        )

    ca = builder(issuer, authority).add_extension(x509.BasicConstraints(True, None), True).sign(authority, hashes.SHA256())
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    leaf = builder(subject, server).add_extension(names, False).sign(authority, hashes.SHA256())
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    return folder / "ca.pem", _write(folder / "server.pem", server, leaf)


class Server:
    """Lets in who shows `token`."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.nodes: list[str] = []
        self.refused = 0
        self.io = socketio.AsyncServer(async_mode="asgi", transports=["websocket"], namespaces=["/media"])
        self.io.on("connect", self._connect, namespace="/media")
        self.io.on("*", self._event, namespace="/media")

    async def _connect(self, sid: str, environ: dict[str, Any], auth: dict[str, str]) -> bool:
        if auth != {"token": self.token}:
            self.refused += 1
            return False
        self.nodes.append(sid)
        return True

    async def _event(self, event: str, sid: str, *several: dict[str, Any]) -> None:
        self.told += ((event, data) for data in several)

    def heard(self, event: str) -> list[dict[str, Any]]:
        return [data for name, data in self.told if name == event]

    async def call(self, event: str, data: Any) -> dict[str, Any]:
        """To the node that came last."""
        return await self.io.call(event, data, to=self.nodes[-1], namespace="/media", timeout=5)


@asynccontextmanager
async def serving(server: Server, certificate: Path, port: int = 0) -> AsyncIterator[int]:
    """Yields the port."""
    config = uvicorn.Config(
        socketio.ASGIApp(server.io),
        host="127.0.0.1",
        port=port,
        ssl_certfile=str(certificate),
        ssl_keyfile=str(certificate),
        ws="websockets-sansio",
        log_level="error",
        timeout_graceful_shutdown=1,
    )
    web = uvicorn.Server(config)
    running = asyncio.create_task(web.serve())
    while not web.started:
        await asyncio.sleep(0.02)
    try:
        yield web.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.io.shutdown()
        web.should_exit = True
        with suppress(asyncio.CancelledError):
            await running
