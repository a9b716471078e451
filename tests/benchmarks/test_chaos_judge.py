"""The judge of `dialer-chaos` finds what it is there to find, in the phone company's ledger alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.chaos import Contacted, judge

BEGAN = datetime(2026, 3, 4, 12, tzinfo=UTC)
WANTED = Contacted(
    {"+14155550101": 1, "+14155550102": 1, "+14155550103": 2}, {1: 10, 2: 20},
    {"house": 2, "campaign 1": 1, "campaign 2": 1, "client 10": 1, "client 20": 1},
)  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path):
    """`write((second, number, sid), (second, sid))`: beginnings and ends of calls, as the sandbox writes them."""

    def write(*facts: tuple) -> Path:
        path = tmp_path / "ledger.jsonl"
        with path.open("w", encoding="utf-8") as lines:
            for second, *rest in sorted(facts):
                at = (BEGAN + timedelta(seconds=second)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
                kind = "call.created" if len(rest) == 2 else "call.ended"
                entry = {"kind": kind, "at": at, "call": rest[-1]} | ({"to": rest[0]} if len(rest) == 2 else {})
                lines.write(json.dumps(entry) + "\n")
        return path

    return write


CALM = [
    (0, "+14155550101", "a"), (2, "a"), (2, "+14155550102", "b"), (4, "b"), (1, "+14155550103", "c"), (3, "c"),
]  # fmt: skip


def test_a_run_in_which_everybody_is_called_once_is_clean(ledger):
    found = judge(ledger(*CALM), WANTED, [])

    assert (found["doubled"], found["skipped"], found["above_a_limit"], found["calls"]) == (0, 0, [], 3)
    assert found["peaks"]["house"] == 2


def test_a_contact_called_twice_is_found(ledger):
    found = judge(ledger(*CALM, (5, "+14155550101", "d"), (6, "d")), WANTED, [])

    assert (found["doubled"], found["skipped"]) == (1, 0)


def test_a_contact_never_called_is_found(ledger):
    assert judge(ledger(*CALM[:4]), WANTED, [])["skipped"] == 1


def test_calls_that_overlap_above_a_limit_are_found(ledger):
    overlap = [(1, "+14155550102", "b") if fact == (2, "+14155550102", "b") else fact for fact in CALM]
    found = judge(ledger(*overlap), WANTED, [])

    assert found["above_a_limit"] == ["campaign 1", "client 10", "house"]


def test_a_call_that_begins_in_a_pause_is_found_and_one_on_its_way_is_not(ledger):
    paused = (BEGAN + timedelta(seconds=0.5)).timestamp()
    resumed = paused + 3

    assert judge(ledger(*CALM), WANTED, [(1, paused, resumed)])["dialled_in_a_pause"] == 1
    assert judge(ledger(*CALM), WANTED, [(2, paused, resumed)])["dialled_in_a_pause"] == 0


def test_calls_of_others_do_not_count(ledger):
    found = judge(ledger(*CALM, (0, "+14155559999", "x")), WANTED, [])

    assert (found["calls"], found["contacts"]) == (3, 3)
