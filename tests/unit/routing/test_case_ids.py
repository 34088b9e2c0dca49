"""Case ids are read out on the telephone and written down by hand."""

import re

import pytest

from concord_routing.domain.case import ALPHABET, new_case_ids, read_case_id


def test_ids_have_ten_characters_that_are_not_mistaken_for_others():
    ids = [each for _ in range(2000) for each in new_case_ids(1)]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[0-9A-HJKMNP-TV-Z]{10}", each) for each in ids)
    assert {letter for each in ids for letter in each} == set(ALPHABET)


def test_cases_opened_together_lie_together_and_others_elsewhere():
    batches = [new_case_ids(800) for _ in range(50)]
    assert all(len({each[:2] for each in batch}) == 1 for batch in batches)
    assert len({batch[0][:2] for batch in batches}) > 25
    assert len({each for batch in batches for each in batch}) == 50 * 800
    assert new_case_ids(0) == []


@pytest.mark.parametrize("written", ["7K0M19QTBZ", "7k0m19qtbz", "7KOMI9QTBZ", "7komL-9qtbz", " 7K0M1 9QTBZ "])
def test_what_was_heard_is_read_as_it_was_made(written):
    assert read_case_id(written) == "7K0M19QTBZ"


def test_an_id_that_was_made_reads_as_itself():
    assert all(read_case_id(each) == each for each in new_case_ids(200))
