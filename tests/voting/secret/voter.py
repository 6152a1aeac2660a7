"""A tablet's side of a secret vote in Python: the second implementation that the browser's and the server's are tested with."""

import hashlib
import json
import math
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from meetroom.voting import rules
from meetroom.voting.secret import count, proof

E = 65537
SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


def sha384(data: bytes) -> bytes:
    return hashlib.sha384(data).digest()


def encode(message: bytes, bits: int, salt: bytes) -> int:
    """EMSA-PSS-ENCODE of RFC 8017, section 9.1.1, with SHA-384 and a given salt."""
    size = (bits + 7) // 8
    digest = sha384(b"\0" * 8 + sha384(message) + salt)
    block = b"\0" * (size - len(salt) - 50) + b"\1" + salt
    mask = b"".join(sha384(digest + n.to_bytes(4, "big")) for n in range(len(block) // 48 + 1))[: len(block)]
    masked = int.from_bytes(block, "big") ^ int.from_bytes(mask, "big")
    masked &= (1 << (8 * len(block) - (8 * size - bits))) - 1
    return int.from_bytes(masked.to_bytes(len(block), "big") + digest + b"\xbc", "big")


@dataclass
class Token:
    """One token on its way to a signature, and with it."""

    modulus: int
    value: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    prefix: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(48))
    signature: bytes = b""

    def __post_init__(self) -> None:
        self.factor = next(r for r in iter(lambda: secrets.randbelow(self.modulus - 2) + 2, 0) if math.gcd(r, self.modulus) == 1)

    @property
    def size(self) -> int:
        return (self.modulus.bit_length() + 7) // 8

    def blinded(self) -> bytes:
        m = encode(self.prefix + self.value, self.modulus.bit_length() - 1, self.salt)
        return (m * pow(self.factor, E, self.modulus) % self.modulus).to_bytes(self.size, "big")

    def unblind(self, signature: bytes) -> None:
        s = int.from_bytes(signature, "big") * pow(self.factor, -1, self.modulus) % self.modulus
        self.signature = s.to_bytes(self.size, "big")

    def shown(self) -> dict[str, str]:
        return {"token": self.value.hex(), "prefix": self.prefix.hex(), "signature": self.signature.hex()}


class Voter:
    """One ballot: two tokens, blinded, signed, cast."""

    def __init__(self, manifest: str) -> None:
        self.text, self.manifest = manifest, json.loads(manifest)
        self.hash = proof.sha256(manifest)
        self.slot = Token(int(self.manifest["issuer"]["slot"], 16))
        self.ballot = Token(int(self.manifest["issuer"]["ballot"], 16))
        self.device = proof.new_key()

    def order(self) -> dict[str, str]:
        """What the issuer is asked."""
        slot, ballot = self.slot.blinded().hex(), self.ballot.blinded().hex()
        signature = proof.sign(self.device, proof.DEVICE, f"{self.hash} {slot} {ballot}")
        return {"slot": slot, "ballot": ballot, "device": proof.public_of(self.device), "device_signature": signature}

    def take(self, issued: dict[str, str]) -> "Voter":
        self.slot.unblind(bytes.fromhex(issued["slot"]))
        self.ballot.unblind(bytes.fromhex(issued["ballot"]))
        return self

    def given_back(self) -> dict[str, dict[str, str]]:
        return {"slot": self.slot.shown(), "ballot": self.ballot.shown()}

    def envelope(self, answers: list[list[str]]) -> bytes:
        text = proof.canonical({"answers": answers, **self.ballot.shown()})
        return self.sealed(text.encode().ljust(self.manifest["size"]))

    def sealed(self, plain: bytes) -> bytes:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(self.manifest["board"]["key"]))
        return SUITE.encrypt(plain, key, bytes.fromhex(self.hash))

    def cast(self, envelope: bytes) -> dict[str, str]:
        """The body that the Box is sent."""
        shown = {"slot": self.slot.value, "prefix": self.slot.prefix, "signature": self.slot.signature, "envelope": envelope}
        return {name: value.hex() for name, value in shown.items()}


class Board:
    """The counting board's key, whole: its division is the browser's (web/src/voting/secret/shares.ts)."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        form = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        self.key = self.private.public_key().public_bytes(*form).hex()
        self.shares = [proof.sha256(secrets.token_bytes(32)) for _ in range(3)]

    def open(self, manifest: str, envelope: bytes) -> Any:
        try:
            return json.loads(SUITE.decrypt(envelope, self.private, bytes.fromhex(proof.sha256(manifest))))
        except Exception:
            return None

    def count(self, manifest: str, envelopes: list[bytes], voided: set[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """As the board's device counts: the valid ballots and the invalid ones."""
        about = json.loads(manifest)
        opened = [self.open(manifest, envelope) for envelope in envelopes]
        return count.sort_out(about["issuer"]["ballot"], rules.questions(about["questions"]), opened, voided)


def closed(manifest: str, envelopes: list[bytes], box_key: str) -> tuple[str, str]:
    """The closing as the Box signs it over these envelopes."""
    hashes = sorted(hashlib.sha256(envelope).hexdigest() for envelope in envelopes)
    root = proof.merkle_root(hashes)
    text = proof.canonical({"manifest": proof.sha256(manifest), "returned": len(hashes), "root": root})
    return text, proof.sign(box_key, proof.CLOSING, text)
