"""Files as people send them: what they are written in, where they are broken, what their columns mean."""

import csv
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.campaigns.imports import FileRefused, columns, examine, faults, guess, harmless, records
from apps.campaigns.imports.refusals import bare


def _format(data: bytes, **given):
    return examine(io.BytesIO(data), len(data), **given)


def _rows(data: bytes):
    return list(records(io.BytesIO(data), _format(data)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_file_is_read_in_any_usual_encoding_and_delimiter(encoding, delimiter):
    lines = [
        ["Name", "Téléphone", "Ville"],
        ["André Müller", "+14155550100", "Besançon"],
        ["Zoë", "+14155550101", "Köln"],
    ]
    data = "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)

    kind = _format(data)

    assert kind.headings == ("Name", "Téléphone", "Ville")
    assert kind.delimiter == delimiter
    assert [row.cells for row in records(io.BytesIO(data), kind)] == lines[1:]


def test_a_broken_byte_spoils_one_row_of_a_utf8_file_and_no_other():
    good = "".join(f"Jürgen Größe {number},+1415555{number:04}\n" for number in range(50))
    data = b"Name,Phone\n" + good.encode() + b"J\xfcrgen,+14155559999\n" + b"Last,+14155559998\n"

    rows = _rows(data)

    assert [(row.line, row.fault) for row in rows if row.fault] == [
        (52, "Some characters cannot be read in the encoding of the file.")
    ]
    assert rows[-1].cells == ["Last", "+14155559998"]


def test_an_unclosed_quote_spoils_its_own_row_only():
    data = (
        b'Name,Phone\n"Ann,+14155550100\nBob,+14155550101\n"Carl ""C"" Jones",+14155550102\n"Dee\nLane",+14155550103\n'
    )

    rows = _rows(data)

    assert [(row.line, row.cells, row.fault) for row in rows] == [
        (2, ['"Ann', "+14155550100"], "A quote is opened and never closed."),
        (3, ["Bob", "+14155550101"], ""),
        (4, ['Carl "C" Jones', "+14155550102"], ""),
        (5, ["Dee\nLane", "+14155550103"], ""),
    ]


def test_quotes_that_do_not_match_and_nuls_are_said_and_the_next_row_is_read():
    rows = _rows(b'Name,Phone\n"Ann" x "B",+14155550100\nB\x00b,+14155550101\nCarl,+14155550102\n')

    assert [row.fault[:24] for row in rows] == ["The quotes do not match:", "It has NUL characters, w", ""]
    assert rows[1].cells == ["Bb", "+14155550101"]


def test_empty_lines_are_passed_over_and_keep_their_number():
    assert [row.line for row in _rows(b"Name,Phone\n\n,\nAnn,+14155550100\n \nBob,+14155550101")] == [4, 6]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n \n", "empty"),
        (b"PK\x03\x04" + b"x" * 100, "Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel"),
        (b"%PDF-1.7 ...", "PDF"),
        (bytes(range(256)) * 20, "not a text file"),
        (b'"never closed' * 3, "quote"),
        (b"Name,Phone\n\n", "a heading and no row"),
    ],
)
def test_what_is_no_table_of_text_is_refused_in_words(data, words):
    with pytest.raises(FileRefused, match=words):
        _format(data)


def test_a_file_of_one_gigabyte_is_refused_before_it_is_read():
    with pytest.raises(FileRefused, match=r"The file has 1\.0 GB; 100 MB are the most"):
        examine(io.BytesIO(), 1024**3)


def test_an_unknown_encoding_is_refused():
    with pytest.raises(FileRefused, match="“klingon” is no encoding"):
        _format(b"Name,Phone\nAnn,+14155550100\n", encoding="klingon")


def test_a_line_without_end_is_one_refused_row_and_takes_little_memory():
    data = b"Name,Phone\nAnn,+14155550100\n" + b"x" * 20_000_000 + b"\nBob,+14155550101\n"
    kind = _format(data)
    file = io.BytesIO(data)
    tracemalloc.start()
    try:
        rows = list(records(file, kind))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert [bool(row.fault) for row in rows] == [False, True, False]
    assert len(rows[1].cells[0]) == 200
    assert peak < 5_000_000


def test_a_file_without_a_heading_gets_names_for_its_columns():
    kind = _format(b"Ann,+14155550100\nBob,+14155550101\n")

    assert (kind.has_heading, kind.headings) == (False, ("Column 1", "Column 2"))
    assert guess(kind) == {"Column 1": columns.LEAVE, "Column 2": columns.NUMBER}


def test_equal_and_empty_headings_become_different_ones():
    assert _format(b"Phone,Phone,,Phone\n1,2,3,4\n").headings == ("Phone", "Phone (2)", "Column 3", "Phone (3)")


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("Phone", "number"), ("Mobile Phone", "number"), ("Telefon", "number"), ("Teléfono móvil", "number"),
        ("Full name", "name"), ("First Name", "first_name"), ("Nachname", "last_name"), ("last_name", "last_name"),
        ("Company", "company"), ("E-Mail", "email"), ("ID", "external_id"), ("CRM ID", "external_id"),
        ("Time zone", "time_zone"), ("Language", "language"), ("Opt-in", "consent"),
        ("Consent source", "consent_source"), ("Zone", "time_zone"), ("Source of consent", "consent_source"),
        ("Do not call", "do_not_call"), ("DNC", "do_not_call"), ("Opt-out", "do_not_call"), ("Balance due", "own"),
    ],
)  # fmt: skip
def test_headings_are_understood(heading, target):
    kind = _format(f"{heading},Other\n,x\n".encode())

    assert guess(kind)[heading] == target


def test_a_column_that_is_called_number_but_has_none_is_a_field_of_the_list():
    assert guess(_format(b"House number,Phone\n12,+14155550100\n"))["House number"] == columns.OWN


def test_corrected_rows_of_the_refused_file_bring_no_fields_of_ours():
    mapping = guess(_format(b"Line,Taken,Why,Name,Phone\n9,no,It has no number.,Ann,+14155550100\n"))

    assert [mapping[one] for one in ("Line", "Taken", "Why")] == [columns.LEAVE] * 3
    assert (mapping["Name"], mapping["Phone"]) == (columns.NAME, columns.NUMBER)


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"Phone": "name"}, "which column is the telephone number"),
        ({"Phone": "number", "Name": "email", "Who": "email"}, "Two columns are the e-mail address"),
        ({"Phone": "number", "Name": "name", "Who": "first_name"}, "not both"),
        ({"Phone": "number", "Nothing": "name"}, "no column “Nothing”"),
        ({"Phone": "number", "Name": "shoe size"}, "“shoe size” is nothing"),
    ],
)
def test_a_mapping_that_cannot_be_is_explained(mapping, words):
    assert words in " ".join(faults(mapping, ["Phone", "Name", "Who"]))


@given(st.text(max_size=30))
def test_no_cell_of_the_refused_file_begins_like_a_formula_and_all_come_back(cell):
    shown = harmless(cell)

    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    if not cell.startswith("'"):
        assert bare(shown) == cell


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffd"), max_size=12)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=20))
def test_what_a_csv_writer_writes_is_read_as_it_was(rows):
    out = io.StringIO()
    csv.writer(out).writerows([["Name", "City", "Phone"], *[[*row, "+14155550100"][-3:] for row in rows]])
    data = out.getvalue().encode()

    kind = examine(io.BytesIO(data), len(data), encoding="utf-8", delimiter=",")
    found = list(records(io.BytesIO(data), kind))

    assert [row.cells for row in found] == [[cell.strip() for cell in [*row, "+14155550100"][-3:]] for row in rows]
    assert not any(row.fault for row in found)


@given(st.binary(max_size=400))
def test_no_bytes_at_all_break_the_reader(data):
    try:
        kind = _format(data)
    except FileRefused:
        return
    for row in records(io.BytesIO(data), kind):
        assert "\x00" not in "".join(row.cells)
        assert row.line >= 1
