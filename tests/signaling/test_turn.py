"""Credentials of a TURN server, against OpenSSL."""

from signaling.turn import NO_TURN, Turn


def test_a_name_that_expires_and_its_password() -> None:
    [server] = Turn(("turn:a?transport=tcp", "turns:a"), "north", 90, clock=lambda: 1_700_000_000.9).servers("1-2-abcd")
    assert server.urls == ("turn:a?transport=tcp", "turns:a")
    assert server.username == "1700005400:1-2-abcd"
    # printf %s 1700005400:1-2-abcd | openssl dgst -sha1 -hmac north -binary | base64
    assert server.credential == "kvjCMqnuKu81WPjBFSchYMIJhzo="


def test_without_servers_there_are_none() -> None:
    assert NO_TURN.servers("1-2-abcd") == ()
