"""Case ids are read out on the telephone and written down by hand."""

import re

import pytest

from concord_routing.domain.case import ALPHABET, new_case_id, read_case_id


def test_ids_have_ten_characters_that_are_not_mistaken_for_others():
    ids = [new_case_id() for _ in range(2000)]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[0-9A-HJKMNP-TV-Z]{10}", each) for each in ids)
    assert {letter for each in ids for letter in each} == set(ALPHABET)


@pytest.mark.parametrize("written", ["7K0M19QTBZ", "7k0m19qtbz", "7KOMI9QTBZ", "7komL-9qtbz", " 7K0M1 9QTBZ "])
def test_what_was_heard_is_read_as_it_was_made(written):
    assert read_case_id(written) == "7K0M19QTBZ"


def test_an_id_that_was_made_reads_as_itself():
    assert all(read_case_id(each) == each for each in (new_case_id() for _ in range(200)))
