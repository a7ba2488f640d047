"""Rows that only the monitor writes are signed, and a changed one has no right signature."""

from typing import Any

import pytest

from readiness.state.store.signing import Signer, is_signed_kind
from readiness.state.store.wire import decode_item, encode_item

SIGNER = Signer(bytes(range(32)))
ROW: dict[str, Any] = {
    "PK": {"S": "READINESS#123456789012#us-east-1#babesclub-commerce"},
    "SK": {"S": "STATE"},
    "version": {"N": "1795489200"},
    "share": {"N": "0.000005"},
    "seen": {"BOOL": True},
    "note": {"NULL": True},
    "moving": {"M": {"pitr-enabled/on": {"M": {"arn": {"L": [{"N": "35"}, {"S": "é"}]}}}}},
}


@pytest.mark.parametrize("spelled", ["5e-06", "0.000005", "5E-6", "0.0000050"])
def test_a_number_is_signed_by_its_value(spelled: str) -> None:
    """DynamoDB returns numbers in another spelling than they were written in."""
    assert SIGNER.verifies(SIGNER.sign({**ROW, "share": {"N": spelled}}) | {"share": {"N": "0.000005"}})


def test_a_row_that_is_decoded_and_encoded_again_keeps_its_signature() -> None:
    signed = SIGNER.sign(ROW)
    assert SIGNER.verifies(encode_item(decode_item(signed)) | {"note": {"NULL": True}})


@pytest.mark.parametrize("name", [*ROW, "mac"])
def test_each_attribute_counts(name: str) -> None:
    signed = SIGNER.sign(ROW)
    assert SIGNER.verifies(signed)
    assert not SIGNER.verifies(signed | {name: {"S": "another"}})
    assert not SIGNER.verifies({each: value for each, value in signed.items() if each != name})


@pytest.mark.parametrize("value", [{"SS": ["a"]}, {"B": b"a"}, {"NS": ["1"]}, {"BS": [b"a"]}, {"L": []}, {"M": {}}])
def test_an_attribute_that_was_added_counts(value: dict[str, Any]) -> None:
    assert not SIGNER.verifies(SIGNER.sign(ROW) | {"added": value})


def test_a_type_counts() -> None:
    assert not SIGNER.verifies(SIGNER.sign(ROW) | {"version": {"S": "1795489200"}})


def test_a_lease_does_not_count() -> None:
    lease = {"leasedBy": {"S": "run-1"}, "leaseUntil": {"S": "2026-11-24T03:00:00.000000Z"}, "attempts": {"N": "1"}}
    assert SIGNER.verifies(SIGNER.sign(ROW) | lease)


def test_another_key_does_not_verify() -> None:
    assert not Signer(bytes(32)).verifies(SIGNER.sign(ROW))


@pytest.mark.parametrize("mac", [{"S": ""}, {"S": "é"}, {"N": "1"}, {"NULL": True}, {"L": []}])
def test_another_form_of_signature_is_wrong(mac: dict[str, Any]) -> None:
    assert not SIGNER.verifies(ROW | {"mac": mac})


def test_a_signature_stays_the_same_from_release_to_release() -> None:
    """A release that signed otherwise would find all rows of the one before damaged."""
    assert SIGNER.mac(ROW) == "941ccd897c4fa9050dcf111e692a0d5dbd15cb193d6ca0ba80d9899108db0229"


@pytest.mark.parametrize(
    ("sort_key", "signed"),
    [
        ("STATE", True),
        ("STATE#CHECKS", True),
        ("STATE#FACT#Budgets", True),
        ("OUTBOX#001795489200", True),
        ("STATE#PAUSE", False),
        ("STATE#WAIVER#pitr-enabled/on", False),
        ("RUN#2026-11-24T03:00:00.000000Z#1", False),
        ("RULE#pitr-enabled", False),
    ],
)
def test_what_people_write_and_read_is_not_signed(sort_key: str, *, signed: bool) -> None:
    assert is_signed_kind(sort_key) is signed
