"""Blind RSA signatures, RSABSSA-SHA384-PSS-Randomized of RFC 9474: the issuer signs a token it cannot see.

The client side is web/src/voting/secret/blind.ts. A vote has two keys of its own: one for the slot S that the Box takes an
envelope for, one for the ballot T that the counting board counts; neither can stand for the other.
"""

import json
import secrets
from dataclasses import dataclass
from functools import cached_property, lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from meetroom.errors import Refusal

try:
    from gmpy2 import mpz, powmod_sec

    def _power(base: int, exponent: int, modulus: int) -> int:
        """In a time that does not depend on the secret exponent."""
        return int(powmod_sec(mpz(base), mpz(exponent), mpz(modulus)))

except ImportError:  # five times slower; what its time could tell of the exponent is hidden by the blinding of the base

    def _power(base: int, exponent: int, modulus: int) -> int:
        return pow(base, exponent, modulus)


BITS = 2048
SIZE = BITS // 8  # bytes of a modulus, a blinded token and a signature
TOKEN = 32  # bytes of S and of T, and of the random prefix before each
EXPONENT = 65537
SALT = 48  # bytes


@dataclass(frozen=True)
class Signer:
    """The private side of one key, as primes and CRT exponents."""

    p: int
    q: int

    @classmethod
    def generate(cls) -> "Signer":
        numbers = rsa.generate_private_key(EXPONENT, BITS).private_numbers()
        return cls(numbers.p, numbers.q)

    @staticmethod
    @lru_cache(8)
    def load(text: str) -> "Signer":
        p, q = (int(prime, 16) for prime in json.loads(text))
        return Signer(p, q)

    def dump(self) -> str:
        return json.dumps([f"{self.p:x}", f"{self.q:x}"])

    @cached_property
    def modulus(self) -> int:
        return self.p * self.q

    @cached_property
    def _crt(self) -> tuple[int, int, int]:
        """Both exponents, and the inverse of q."""
        return pow(EXPONENT, -1, self.p - 1), pow(EXPONENT, -1, self.q - 1), pow(self.q, -1, self.p)

    @property
    def public(self) -> str:
        """The modulus in hex; the exponent is always 65537."""
        return f"{self.modulus:x}"

    def sign(self, blinded: bytes) -> bytes:
        """BlindSign of RFC 9474, section 4.3. The base is blinded once more against timing, and the result is checked:
        a faulty CRT power would give the key away.

        Raises Refusal `not_signed` for what is no blinded token, RuntimeError when the machine miscalculated.
        """
        n, size = self.modulus, (self.modulus.bit_length() + 7) // 8
        m = int.from_bytes(blinded, "big")
        if len(blinded) != size or not 1 < m < n - 1:
            raise Refusal("not_signed")
        d_p, d_q, q_inverse = self._crt
        mask = secrets.randbelow(n - 2) + 2
        x = m * pow(mask, EXPONENT, n) % n
        s_p, s_q = _power(x % self.p, d_p, self.p), _power(x % self.q, d_q, self.q)
        s = (s_q + self.q * ((s_p - s_q) * q_inverse % self.p)) * pow(mask, -1, n) % n
        if pow(s, EXPONENT, n) != m:
            raise RuntimeError("a blind signature came out wrong; nothing was given out")
        return s.to_bytes(size, "big")


def signed(modulus: str, prefix: bytes, token: bytes, signature: bytes) -> bool:
    """Whether the key signed this token. An ordinary RSASSA-PSS check over prefix and token, with lengths that leave no
    other reading of the same bytes."""
    if len(prefix) != TOKEN or len(token) != TOKEN or len(signature) != SIZE:
        return False
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), SALT)
    try:
        rsa.RSAPublicNumbers(EXPONENT, int(modulus, 16)).public_key().verify(signature, prefix + token, pss, hashes.SHA384())
    except (InvalidSignature, ValueError):
        return False
    return True
