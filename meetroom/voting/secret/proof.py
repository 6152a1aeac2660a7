"""What everybody can check about a secret vote: its manifest and short code, signatures, receipts, and the Merkle root.

Signatures are ECDSA P-256 with SHA-256 as WebCrypto has them (r and s, 64 bytes), over a line that says what is signed and
then the text. All bytes travel as hex. Needs the standard library and `cryptography` only.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

FORMAT = "meetroom secret vote 1"
MANIFEST, CLOSING, RECEIPT, RESULT, DEVICE = "manifest", "closing", "receipt", "result", "device"
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O, U: nobody misreads them
ROOM = 256  # bytes of a ballot's text beside its answers, at most 64 of them a reserve: tokens and signature count apart


def canonical(data: Any) -> str:
    """The one spelling of JSON that is signed or hashed."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(data: bytes | str) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def short_code(manifest: str) -> str:
    """60 bits of the manifest's hash for people to compare, wall against tablet: `7KQM-2XPA-9DHT`."""
    bits = int(sha256(manifest)[:15], 16)
    letters = [LETTERS[bits >> shift & 31] for shift in range(55, -1, -5)]
    return "-".join("".join(letters[n : n + 4]) for n in (0, 4, 8))


def new_key() -> str:
    """A signing key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def public_of(pem: str) -> str:
    """The public side, an uncompressed point in hex."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint).hex()


def is_key(public: str) -> bool:
    """Whether it is a point of P-256."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(public))
    except ValueError:
        return False
    return True


def sign(pem: str, what: str, text: str) -> str:
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(key.sign(_line(what, text), ec.ECDSA(hashes.SHA256())))
    return (r.to_bytes(32, "big") + s.to_bytes(32, "big")).hex()


def is_signed(public: str, what: str, text: str, signature: str) -> bool:
    try:
        raw = bytes.fromhex(signature)
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(public))
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        key.verify(der, _line(what, text), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return len(raw) == 64


def _line(what: str, text: str) -> bytes:
    return f"meetroom {what}\n{text}".encode()


def receipt_text(manifest_hash: str, envelope_hash: str) -> str:
    return f"{manifest_hash} {envelope_hash}"


def ballot_size(questions: Sequence[dict[str, Any]]) -> int:
    """Bytes to which every ballot of a vote is padded: of the longest one there can be, so that a length tells nothing."""
    longest = canonical([[option["code"] for option in question["options"]] for question in questions])
    tokens = 2 * 32 + 2 * 32 + 2 * 256  # T, its prefix and signature in hex
    return (len(longest.encode()) + tokens + ROOM + 255) // 256 * 256


def envelope_size(ballot_size: int) -> int:
    """Of an HPKE envelope: P-256 point, ciphertext, tag of AES-GCM."""
    return 65 + ballot_size + 16


def merkle_root(hashes_: Sequence[str]) -> str:
    """Of envelope hashes in sorted order, as RFC 6962, section 2.1, makes it."""
    leaves = [hashlib.sha256(b"\0" + bytes.fromhex(one)).digest() for one in hashes_]
    return (_root(leaves) if leaves else hashlib.sha256(b"").digest()).hex()


def _root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + _root(leaves[:half]) + _root(leaves[half:])).digest()
