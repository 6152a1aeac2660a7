import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from meetroom.voting.secret import proof


def test_a_signature_is_for_one_text_and_one_purpose() -> None:
    key = proof.new_key()
    public = proof.public_of(key)
    signature = proof.sign(key, proof.RECEIPT, "a b")
    assert proof.is_key(public) and len(signature) == 128
    assert proof.is_signed(public, proof.RECEIPT, "a b", signature)
    assert not proof.is_signed(public, proof.CLOSING, "a b", signature)
    assert not proof.is_signed(public, proof.RECEIPT, "a c", signature)
    assert not proof.is_signed(proof.public_of(proof.new_key()), proof.RECEIPT, "a b", signature)
    for broken in ("", "zz", signature[:-2], signature + "00", "00" * 64):
        assert not proof.is_signed(public, proof.RECEIPT, "a b", broken)


def test_a_short_code_is_twelve_letters_that_nobody_misreads() -> None:
    code = proof.short_code('{"format":"x"}')
    assert code == proof.short_code('{"format":"x"}') != proof.short_code('{"format":"y"}')
    assert [len(part) for part in code.split("-")] == [4, 4, 4] and not set(code) & set("ILOU")


def leaf(n: int) -> str:
    return hashlib.sha256(b"%d" % n).hexdigest()


def test_the_root_of_three_is_made_as_the_rfc_says() -> None:
    def node(*parts: bytes) -> bytes:
        return hashlib.sha256(b"".join(parts)).digest()

    a, b, c = (node(b"\0", bytes.fromhex(leaf(n))) for n in range(3))
    assert proof.merkle_root([leaf(n) for n in range(3)]) == node(b"\1", node(b"\1", a, b), c).hex()
    assert proof.merkle_root([]) == hashlib.sha256(b"").hexdigest()


@given(st.integers(1, 40), st.integers(0, 39))
def test_every_leaf_moves_the_root(size: int, changed: int) -> None:
    leaves = [leaf(n) for n in range(size)]
    other = [leaf(99) if n == changed % size else one for n, one in enumerate(leaves)]
    assert proof.merkle_root(leaves) != proof.merkle_root(other)
    assert proof.merkle_root(leaves) != proof.merkle_root(leaves[:-1])


@given(st.integers(1, 60), st.integers(1, 30))
def test_the_longest_ballot_fits_into_the_size_that_all_have(questions: int, options: int) -> None:
    codes = [f"o{n}" for n in range(1, options + 1)]
    size = proof.ballot_size([{"options": [{"code": code} for code in codes]}] * questions)
    longest = {"answers": [codes] * questions, "token": "0" * 64, "prefix": "0" * 64, "signature": "0" * 512}
    assert len(json.dumps(longest)) <= size + questions * (options + 1)  # canonical has no spaces
    assert len(proof.canonical(longest)) <= size and size % 256 == 0
