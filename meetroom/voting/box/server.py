"""How the Box is reached: HTTPS without cookies for envelopes, and a socket file for the web process of this machine.

    POST /<hash of the manifest>    {slot, prefix, signature, envelope}: an envelope; answers with its receipt
    GET  /<hash of the manifest>    once closed: the closing and the hashes of all envelopes

Nothing is logged or kept about who asks: no addresses, no times, no access log. A page of our own server on the same host may
ask (its Origin names the host), without cookies: a request that brings one is refused, so that a mistake is noticed.
"""

import json
import time
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from gevent.event import AsyncResult

from meetroom.errors import Refusal
from meetroom.voting.box.box import HASH, Box

log = structlog.get_logger()
BODY = 64 * 1024  # bytes of the largest request
PER_SECOND = 1000  # requests the Box looks into, of all askers together: it cannot and must not tell them apart
PATIENCE = 10.0  # seconds to wait for a batch
Environment = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environment, StartResponse], Iterable[bytes]]


class Budget:
    """What may be done in a second; unused seconds do not add up."""

    def __init__(self, amount: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.amount, self.clock = amount, clock
        self.second, self.spent = 0, 0

    def spend(self) -> None:
        if (now := int(self.clock())) != self.second:
            self.second, self.spent = now, 0
        self.spent += 1
        if self.spent > self.amount:
            raise Refusal("rate_limited", {"retry_after": 1})


def public(box: Box, budget: Budget) -> Application:
    """What tablets reach."""

    def answer(environment: Environment) -> Any:
        budget.spend()
        if "HTTP_COOKIE" in environment:
            raise Refusal("invalid", [{"field": "cookie", "problem": "forbidden"}])
        hash = environment["PATH_INFO"].removeprefix("/")
        if not HASH.fullmatch(hash):
            raise Refusal("not_found")
        if environment["REQUEST_METHOD"] == "GET":
            return box.vote(hash).published()
        if environment["REQUEST_METHOD"] != "POST":
            raise Refusal("not_found")
        result: AsyncResult = AsyncResult()
        box.vote(hash).cast(_body(environment), result.set)
        receipt = result.get(timeout=PATIENCE)
        if isinstance(receipt, Refusal):
            raise receipt
        return {"receipt": receipt}

    return _application(answer, cross_origin=True)


def control(box: Box, public_key: str) -> Application:
    """What the web process reaches, through a file that only this account may open."""

    def answer(environment: Environment) -> Any:
        method, path = environment["REQUEST_METHOD"], environment["PATH_INFO"].removeprefix("/")
        if (method, path) == ("GET", "key"):
            return {"key": public_key}
        if (method, path) == ("PUT", "vote"):
            return box.wish(_body(environment))
        if method == "GET":
            return {"envelopes": [envelope.hex() for envelope in box.vote(path).file.envelopes()]}
        if method == "DELETE":
            box.forget(path)
            return None
        raise Refusal("not_found")

    return _application(answer, cross_origin=False)


def _body(environment: Environment) -> Any:
    """The request's JSON. Raises Refusal `too_large`, `invalid`."""
    try:
        length = int(environment.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise Refusal("invalid") from None
    if length > BODY:
        raise Refusal("too_large", {"limit": BODY})
    try:
        return json.loads(environment["wsgi.input"].read(length))
    except (ValueError, RecursionError):
        raise Refusal("invalid", [{"field": "", "problem": "json"}]) from None


def _application(answer: Callable[[Environment], Any], *, cross_origin: bool) -> Application:
    def application(environment: Environment, start: StartResponse) -> Iterable[bytes]:
        try:
            status, body = 200, {"ok": True, "result": answer(environment)}
        except Refusal as no:
            status, body = no.status, no.answer()
        except Exception as error:  # its kind only: what it says may hold what somebody sent
            log.error("request to the Box failed", kind=type(error).__name__)
            status, body = 500, Refusal("internal").answer()
        text = json.dumps(body, separators=(",", ":")).encode()
        headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Content-Length", str(len(text)))]
        origin = environment.get("HTTP_ORIGIN", "")
        if cross_origin and _host(origin.split("://")[-1]) == _host(environment.get("HTTP_HOST", "")) != "":
            headers += [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]
        start(f"{status} {'OK' if status == 200 else 'Refused'}", headers)
        return [text]

    return application


def _host(name: str) -> str:
    """Without the port."""
    return name.rsplit(":", 1)[0] if name.rpartition(":")[2].isdigit() else name
