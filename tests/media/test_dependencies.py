"""What the node takes from libraries beyond their documented interface, in one place: an upgrade that drops any of it
fails here by name."""

import ast
import importlib
from pathlib import Path

import pytest

UNDOCUMENTED = {
    "aioice.stun": (
        "COOKIE",
        "Class.REQUEST",
        "Class.RESPONSE",
        "Class.ERROR",
        "Message.add_message_integrity",
        "Method.BINDING",
        "parse_message",
    ),
    "pylibsrtp": (
        "Error",
        "Policy.SRTP_PROFILE_AEAD_AES_128_GCM",
        "Policy.SRTP_PROFILE_AEAD_AES_256_GCM",
        "Policy.SRTP_PROFILE_AES128_CM_SHA1_80",
        "Policy.SSRC_ANY_INBOUND",
        "Policy.SSRC_ANY_OUTBOUND",
        "Policy.window_size",
        "Session.protect_rtcp",
        "Session.unprotect_rtcp",
    ),
    "OpenSSL.SSL": (
        "Connection.DTLSv1_get_timeout",
        "Connection.DTLSv1_handle_timeout",
        "Connection.get_selected_srtp_profile",
        "Connection.set_ciphertext_mtu",
        "Context.set_tlsext_use_srtp",
        "DTLS_METHOD",
        "OP_NO_QUERY_MTU",
    ),
}


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in UNDOCUMENTED.items() for name in names])
def test_it_is_still_there(module: str, name: str) -> None:
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)


NODE = Path(__file__).parents[2] / "media"


@pytest.mark.parametrize("path", sorted(NODE.rglob("*.py")), ids=lambda path: str(path.relative_to(NODE)))
def test_nothing_reaches_into_anything_private(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Attribute)
            and node.attr.startswith("_")
            and not node.attr.startswith("__")
            and node.attr != "_replace"
        ):
            assert ast.unparse(node.value) in ("self", "super()"), ast.unparse(node)
        if isinstance(node, ast.ImportFrom):
            assert not any(alias.name.startswith("_") for alias in node.names)
