"""Ways to a media node where UDP is blocked: credentials for TURN servers, made by a secret shared with them, that expire.

coturn's `use-auth-secret` (draft-uberti-behave-turn-rest-00): the name is the second at which it expires and whose it is,
the password an HMAC-SHA1 of the name. The TURN server keeps no accounts.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass

from meetroom.conference.schema import IceServer


@dataclass(frozen=True)
class Turn:
    """`urls` such as `turn:hop.example.vn:3478?transport=tcp`; without any there are no servers."""

    urls: tuple[str, ...]
    secret: str
    minutes: int
    clock: Callable[[], float] = time.time

    def servers(self, name: str) -> tuple[IceServer, ...]:
        """For one participant. A connection outlives its credentials; a new one needs fresh ones."""
        if not self.urls:
            return ()
        username = f"{int(self.clock()) + self.minutes * 60}:{name}"
        mac = hmac.new(self.secret.encode(), username.encode(), hashlib.sha1).digest()
        return (IceServer(urls=self.urls, username=username, credential=base64.b64encode(mac).decode()),)


NO_TURN = Turn((), "", 0)
