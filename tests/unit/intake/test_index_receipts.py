"""The index of receipts: filled for old rows and after a new key, a batch at a time; two concerns never share it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from residents import KEY, Client, Office, told
from tests.memory.intake import MemoryStore

from concord_contracts.status_links import StatusLinks
from concord_intake.application.errors import ConcernNotFound
from concord_intake.application.index_receipts import IndexReceipts
from concord_intake.application.reporter_access import ByReceipt, ReporterAccess
from concord_intake.domain.concern import Concern
from concord_intake.domain.receipt import Receipts
from concord_intake.ports import ReceiptTaken

NEW_KEY, OLDER_KEY = b"n" * 32, b"o" * 32


def reported(office: Office, count: int, *, indexed: bool = True) -> dict[str, str]:
    """Receipts by concern. Concerns from before have no index."""
    answers = [office.client.report(told()) for _ in range(count)]
    if not indexed:
        for answer in answers:
            clear_index(office.store, answer["id"])
    return {answer["id"]: answer["receipt"] for answer in answers}


def clear_index(store: MemoryStore, concern_id: str) -> None:
    store._concerns[concern_id] = replace(store._concerns[concern_id], receipt_index=None)


def found(office: Office, receipt: str, *keys: bytes) -> str | None:
    access = ReporterAccess(Receipts(keys), StatusLinks(["l" * 32]))
    try:
        return access.concern(ByReceipt(receipt), office.store).id
    except ConcernNotFound:
        return None


def test_old_concerns_are_found_after_some_batches() -> None:
    office = Office()
    old = reported(office, 5, indexed=False)
    assert {found(office, receipt, KEY) for receipt in old.values()} == {None}
    fill = IndexReceipts(Receipts([KEY]), office, batch=2)
    assert [fill.fill() for _ in range(4)] == [True, True, True, False]
    assert [found(office, receipt, KEY) for receipt in old.values()] == list(old)


def test_a_concern_whose_key_is_gone_is_passed_over() -> None:
    office = Office()
    reported(office, 3, indexed=False)
    office.client = Client(office, office.clock, [NEW_KEY])
    ((other, receipt),) = reported(office, 1, indexed=False).items()
    fill = IndexReceipts(Receipts([NEW_KEY]), office, batch=2)
    fill()
    assert not fill.fill()
    assert found(office, receipt, NEW_KEY) == other


def test_after_a_new_key_every_receipt_comes_under_it() -> None:
    office = Office()
    old = reported(office, 3)
    for concern_id, receipt in old.items():
        assert found(office, receipt, NEW_KEY, KEY) == concern_id
        assert found(office, receipt, NEW_KEY) is None
    fill = IndexReceipts(Receipts([NEW_KEY, KEY]), office, batch=2)
    fill()
    assert not fill.fill()
    assert [found(office, receipt, NEW_KEY) for receipt in old.values()] == list(old)


def test_a_receipt_whose_key_is_gone_does_not_hold_up_the_others_under_an_older_key() -> None:
    """Issued under a key that is gone, and indexed under the key after it: nobody can derive it again."""
    office = Office()
    lost = reported(office, 3)
    office.client = Client(office, office.clock, [OLDER_KEY])
    kept = reported(office, 3)
    for concern_id, receipt in lost.items():
        office.store._concerns[concern_id] = replace(
            office.store._concerns[concern_id], receipt_index=Receipts([OLDER_KEY]).index(receipt)
        )
    fill = IndexReceipts(Receipts([NEW_KEY, OLDER_KEY]), office, batch=2)
    assert [fill.fill() for _ in range(4)] == [True, True, True, False]
    assert [found(office, receipt, NEW_KEY) for receipt in kept.values()] == list(kept)


@pytest.fixture
def clashing(monkeypatch: pytest.MonkeyPatch) -> Office:
    """The first receipt is taken."""
    office = Office()
    clashes = iter([True, False])
    add = office.store.add

    def add_second_time(concerns: Sequence[Concern]) -> None:
        if next(clashes):
            raise ReceiptTaken
        add(concerns)

    monkeypatch.setattr(office.store, "add", add_second_time)
    return office


def test_a_concern_whose_receipt_is_taken_gets_another_id(clashing: Office) -> None:
    assert found(clashing, clashing.client.report(told())["receipt"], KEY)
    assert len(clashing.published) == 2


def test_an_import_takes_another_id_too(clashing: Office) -> None:
    line = b'{"id":"1","category":"noise","description":"Loud","address":"Pier 4"}'
    [result] = clashing.client.batch([line], "b")
    assert b'"accepted"' in result
    assert clashing.store.counts().concerns == 1
