"""From a row to a contact: numbers, fields, permission; and who is on the list already."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.campaigns.imports import NewContact, Reader, Row, RowRefused, sort_out

HEADINGS = ["Phone", "Other phone", "First", "Last", "Mail", "Zone", "Lang", "Agreed", "Never", "Balance"]
MAPPING = dict(
    zip(
        HEADINGS,
        [
            "number",
            "number",
            "first_name",
            "last_name",
            "email",
            "time_zone",
            "language",
            "consent",
            "do_not_call",
            "own",
        ],
        strict=True,
    )
)


def _number(text: str) -> str:
    if not re.fullmatch(r"\+?[0-9 ]{8,16}", text):
        raise ValueError(f"“{text}” is not a phone number.")
    return "+" + text.replace(" ", "").removeprefix("+")


def _read(**cells) -> NewContact:
    row = [cells.get(heading.replace(" ", "_"), "") for heading in HEADINGS]
    return Reader(HEADINGS, MAPPING, _number).read(Row(2, row))


def test_a_row_becomes_a_contact_with_its_numbers_in_order():
    contact = _read(
        Phone="+1 4155550100", Other_phone="14155550101; +14155550100", First="Ann", Last="Lee", Mail="a@b.co",
        Zone="america/chicago", Lang="es-MX", Agreed="Yes", Never="no", Balance="=1+1",
    )  # fmt: skip

    assert contact.numbers == [("+14155550100", "Phone"), ("+14155550101", "Other phone")]
    assert (contact.name, contact.email, contact.time_zone) == ("Ann Lee", "a@b.co", "America/Chicago")
    assert (contact.language, contact.consent, contact.do_not_call) == ("es-MX", True, False)
    assert contact.fields == {"Balance": "=1+1"}
    assert contact.left_out == []


@pytest.mark.parametrize("written", ['="+14155550100"', "'+14155550100", "14155550100.0", '"+14155550100"'])
def test_the_tricks_of_spreadsheets_with_numbers_are_undone(written):
    assert _read(Phone=written).numbers == [("+14155550100", "Phone")]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"First": "Ann"}, "It has no telephone number."),
        ({"Phone": "call me"}, "“call me” is not a phone number."),
        ({"Phone": "1.41556E+10"}, "was shortened by a spreadsheet"),
    ],
)
def test_a_row_without_a_number_that_can_be_called_is_refused_with_the_reason(cells, words):
    with pytest.raises(RowRefused, match=re.escape(words)):
        _read(**cells)


def test_more_cells_than_headings_are_refused():
    with pytest.raises(RowRefused, match="11 cells, the heading has 10"):
        Reader(HEADINGS, MAPPING, _number).read(Row(2, [*["+14155550100"] * 10, "x"]))


def test_what_is_wrong_beside_the_number_is_left_out_and_said():
    contact = _read(
        Phone="+14155550100", Other_phone="none", Mail="nobody", Zone="Mars/Base", Lang="?", Agreed="perhaps",
        Never="ask him",
    )  # fmt: skip

    assert contact.numbers == [("+14155550100", "Phone")]
    assert (contact.email, contact.time_zone, contact.language) == ("", "", "")
    assert (contact.consent, contact.do_not_call) == (False, True)
    assert len(contact.left_out) == 6


# Who is on the list already.


def _contact(line: int, *numbers: str, external_id: str = "", **fields) -> NewContact:
    return NewContact(line, [(number, "") for number in numbers], external_id=external_id, **fields)


def test_skip_leaves_the_first_one_as_it_is_on_the_list_and_in_the_file():
    batch = sort_out([_contact(2, "1"), _contact(3, "2"), _contact(4, "2", "3")], {}, {"1": 77}, "skip")

    assert [one.line for one in batch.adds] == [3]
    assert (batch.updates, batch.skipped) == ([], 2)
    assert batch.adds[0].numbers == [("2", "")]


def test_update_takes_what_the_file_says_and_forgets_no_prohibition():
    first = _contact(3, "2", name="Old", do_not_call=True)
    batch = sort_out([_contact(2, "1"), first, _contact(4, "2", "3", name="New")], {}, {"1": 77}, "update")

    assert [(pk, one.line) for pk, one in batch.updates] == [(77, 2)]
    assert batch.adds == [first]
    assert (first.name, first.do_not_call, first.numbers) == ("New", True, [("2", ""), ("3", "")])
    assert batch.updated == 2


def test_add_takes_everybody_but_no_identifier_twice():
    batch = sort_out(
        [_contact(2, "1", external_id="a"), _contact(3, "1"), _contact(4, "9", external_id="a")], {}, {}, "add"
    )

    assert [one.line for one in batch.adds] == [2, 3]
    assert [(one.line, why) for one, why in batch.refused] == [(4, "Another contact of the list has that identifier.")]


@pytest.mark.parametrize("policy", ["skip", "update", "add"])
def test_two_colleagues_with_one_telephone_and_identifiers_of_their_own_stay_two(policy):
    ann, bob = _contact(2, "1", external_id="a", name="Ann"), _contact(3, "1", external_id="b", name="Bob")
    batch = sort_out([ann, bob, _contact(4, "2", external_id="c")], {}, {"2": 77}, policy)

    assert [one.line for one in batch.adds] == [2, 3, 4]
    assert (ann.name, bob.name, batch.updates, batch.skipped) == ("Ann", "Bob", [], 0)


def test_who_has_no_identifier_yet_is_known_by_the_number_and_gets_one_once():
    rows = [_contact(2, "1", external_id="a"), _contact(3, "1", external_id="b")]
    batch = sort_out(rows, {}, {"1": 300}, "update", {"1": 300})

    assert [(pk, one.external_id) for pk, one in batch.updates] == [(300, "a")]
    assert batch.adds == [rows[1]]


def test_the_identifier_counts_more_than_the_number():
    batch = sort_out([_contact(2, "1", external_id="a")], {"a": 5}, {"1": 6}, "update")

    assert [pk for pk, _one in batch.updates] == [5]


contacts = st.lists(
    st.builds(
        lambda line, numbers, external_id: _contact(line, *numbers, external_id=external_id),
        st.integers(1, 99), st.sets(st.sampled_from("12345"), min_size=1), st.sampled_from(["", "a", "b", "c"]),
    ),
    max_size=12,
)  # fmt: skip
known = st.dictionaries(st.sampled_from("12345"), st.integers(1, 9))


@given(
    contacts,
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 9)),
    known,
    st.sampled_from(["skip", "update", "add"]),
)
def test_each_row_is_added_updated_skipped_or_refused_exactly_once(rows, by_id, by_number, policy):
    batch = sort_out(rows, by_id, by_number, policy)

    assert len(batch.adds) + batch.updated + batch.skipped + len(batch.refused) == len(rows)
    ids = [one.external_id for one in batch.adds if one.external_id]
    if policy != "update":  # which may give an identifier to somebody added before
        assert len(ids) == len(set(ids))
        assert not set(ids) & set(by_id)
    if policy != "add":
        added = {number for one in batch.adds if not one.external_id for number, _label in one.numbers}
        assert policy == "update" or not added & set(by_number)
