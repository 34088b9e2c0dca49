"""Receipts: told again to who repeats a request, useless to everybody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_intake.domain.receipt import Receipts, check_digit, grouped, matches, receipt_hash, ungrouped

OLD, NEW = b"o" * 32, b"n" * 32
DIGITS = st.text("0123456789", min_size=15, max_size=15)


@pytest.mark.parametrize(("digits", "check"), [("7992739871", 3), ("411111111111111", 1), ("000000000000000", 0)])
def test_check_digit_is_that_of_luhn(digits: str, check: int) -> None:
    assert check_digit(digits) == check


@given(DIGITS, st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(digits: str, place: int, by: int) -> None:
    wrong = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    assert check_digit(wrong) != check_digit(digits)


def test_a_receipt_has_sixteen_digits_with_its_check_digit_and_depends_on_key_and_concern() -> None:
    receipts = {Receipts([key]).issue(concern) for key in (OLD, NEW) for concern in ("c1", "c2")}
    assert len(receipts) == 4
    for receipt in receipts:
        assert len(receipt) == 16
        assert check_digit(receipt[:15]) == int(receipt[15])


def test_the_same_receipt_is_told_again() -> None:
    receipts = Receipts([NEW])
    receipt = receipts.issue("c1")
    assert receipts.reissue("c1", receipt_hash("c1", receipt)) == receipt


def test_a_receipt_of_an_older_key_is_told_again_while_that_key_is_there() -> None:
    receipt = Receipts([OLD]).issue("c1")
    kept = receipt_hash("c1", receipt)
    assert Receipts([NEW, OLD]).reissue("c1", kept) == receipt
    assert Receipts([NEW]).reissue("c1", kept) is None


def test_the_hash_fits_its_own_concern_and_receipt_only() -> None:
    kept = receipt_hash("c1", "1234567890123452")
    assert matches("c1", "1234567890123452", kept)
    assert not matches("c1", "1234567890123453", kept)
    assert not matches("c2", "1234567890123452", kept)
    assert b"1234567890123452" not in kept


TYPED = [
    "1234 5678 9012 3452",
    "1234-5678-9012-3452",
    "1234\u00a05678\u202f9012\u20093452",
    "1234\u20115678\u20139012\u22123452",
    " 1234567890123452\r\n",
    "1234\t5678\u200b9012\u00ad3452",
    "1234.5678,9012_3452",
    "(1234/5678/9012/3452)",
    "\ufeff1234 5678 9012 3452",
    "\u202d1234 5678 9012 3452\u202c",
    "\uff11\uff12\uff13\uff14 5678 9012 3452",
    "\u0661\u0662\u0663\u0664 5678 9012 3452",
    "l234 5678 9Ol2 3452",
    "I234 5678 9o|2 3452",
    "**1234 5678 9012 3452**",
    "\u201c1234 5678 9012 3452\u201d",
]


@pytest.mark.parametrize("typed", TYPED)
def test_a_receipt_is_read_however_it_was_typed(typed: str) -> None:
    assert grouped("1234567890123452") == "1234 5678 9012 3452"
    assert ungrouped(typed) == "1234567890123452"


@pytest.mark.parametrize(
    "typed", ["", "1234", "1234 5678 9012 3453", "S234 5678 9012 3452", "1234567890123452x", "\u4e00\u00c2\u00bd"]
)
def test_what_is_not_the_receipt_stays_another(typed: str) -> None:
    assert ungrouped(typed) != "1234567890123452"


def test_requests_are_told_apart_with_any_key_of_the_ring() -> None:
    print_of_old = Receipts([OLD]).fingerprint(b"request")
    both = Receipts([NEW, OLD])
    assert both.same_request(b"request", print_of_old)
    assert not both.same_request(b"another", print_of_old)
    assert not Receipts([NEW]).same_request(b"request", print_of_old)


def test_without_a_key_there_are_no_receipts() -> None:
    with pytest.raises(ValueError, match="need at least one key"):
        Receipts([])
