import json
import secrets
from pathlib import Path

import pytest

from meetroom.errors import Refusal
from meetroom.voting.secret import blind
from tests.voting.secret.election import signers
from tests.voting.secret.voter import Token, encode

VECTOR = json.loads((Path(__file__).parent / "rfc9474.json").read_text())


def number(name: str) -> int:
    return int(VECTOR[name], 16)


def test_the_vector_of_the_rfc_step_by_step() -> None:
    """Appendix A.3 of RFC 9474: a 4096-bit key, no prefix; every step in between is compared."""
    n = number("n")
    assert encode(bytes.fromhex(VECTOR["msg"]), n.bit_length() - 1, bytes.fromhex(VECTOR["salt"])) == number("encoded_msg")
    token = Token(n, value=bytes.fromhex(VECTOR["msg"]), prefix=b"", salt=bytes.fromhex(VECTOR["salt"]))
    token.factor = pow(number("inv"), -1, n)
    assert token.blinded().hex() == VECTOR["blinded_msg"]
    signature = blind.Signer(number("p"), number("q")).sign(bytes.fromhex(VECTOR["blinded_msg"]))
    assert signature.hex() == VECTOR["blind_sig"]
    token.unblind(signature)
    assert token.signature.hex() == VECTOR["sig"]


def test_what_was_signed_unseen_is_an_ordinary_signature_of_that_key_only() -> None:
    slot, ballot = signers()
    token = Token(slot.modulus)
    token.unblind(slot.sign(token.blinded()))
    shown = (token.prefix, token.value, token.signature)
    assert blind.signed(slot.public, *shown)
    assert not blind.signed(ballot.public, *shown)
    assert not blind.signed(slot.public, token.value, token.prefix, token.signature)
    assert not blind.signed(slot.public, token.prefix + token.value[:1], token.value[1:], token.signature)
    assert not blind.signed(slot.public, token.prefix, token.value, token.blinded())


def test_a_signing_record_fits_every_signature_equally_well() -> None:
    """For each blinded token and each final signature there is a factor that links them: the signer learns nothing."""
    key, _ = signers()
    tokens = [Token(key.modulus) for _ in range(3)]
    for token in tokens:
        token.unblind(key.sign(token.blinded()))
    for seen in tokens:
        blinded = int.from_bytes(seen.blinded(), "big")
        for token in tokens:
            m = encode(token.prefix + token.value, key.modulus.bit_length() - 1, token.salt)
            power = blinded * pow(m, -1, key.modulus) % key.modulus  # r^e, whose root only the signer could draw, exists
            d = pow(blind.EXPONENT, -1, (key.p - 1) * (key.q - 1))
            assert pow(pow(power, d, key.modulus), blind.EXPONENT, key.modulus) == power


NONSENSE = [b"", b"\0" * 256, b"\0" * 255 + b"\1", b"\xff" * 256, secrets.token_bytes(255), b"\0" + b"\1" * 256]


@pytest.mark.parametrize("blinded", NONSENSE)
def test_what_is_no_blinded_token_is_not_signed(blinded: bytes) -> None:
    with pytest.raises(Refusal, match="not_signed"):
        signers()[0].sign(blinded)


def test_a_computing_fault_gives_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """One wrong half of a CRT power would give the key away."""
    key = signers()[0]
    real, calls = blind._power, []

    def faulty(base: int, exponent: int, modulus: int) -> int:
        calls.append(1)
        return real(base, exponent, modulus) ^ (len(calls) == 1)

    monkeypatch.setattr(blind, "_power", faulty)
    with pytest.raises(RuntimeError):
        key.sign(Token(key.modulus).blinded())


def test_keys_survive_their_storage() -> None:
    key = signers()[0]
    assert blind.Signer.load(key.dump()) == key and len(key.public) == 512
