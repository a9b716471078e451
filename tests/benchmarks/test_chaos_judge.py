"""The judge of `dialer-chaos` finds what it is there to find, in the phone company's ledger alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from benchmarks.ledger_check import Wanted, faults, judge

BEGAN = datetime(2026, 3, 4, 12, tzinfo=UTC)


def wanted(*pauses: tuple[str, float, float]) -> Wanted:
    """Three contacts of two campaigns of two clients, and two lines in all; `pauses` in seconds from the beginning."""
    moment = BEGAN.timestamp()
    return Wanted(
        {"+14155550101": "1", "+14155550102": "1", "+14155550103": "2"}, {"1": "10", "2": "20"},
        {"house": 2, "campaign 1": 1, "campaign 2": 1, "client 10": 1, "client 20": 1},
        [(campaign, moment + since, moment + until) for campaign, since, until in pauses],
    )  # fmt: skip


def ledger(*facts: tuple) -> list[dict[str, str]]:
    """(second, number, sid) and (second, sid): beginnings and ends of calls, as the sandbox writes them."""
    entries = []
    for second, *rest in sorted(facts):
        at = (BEGAN + timedelta(seconds=second)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        kind = "call.created" if len(rest) == 2 else "call.ended"
        entries.append({"kind": kind, "at": at, "call": rest[-1]} | ({"to": rest[0]} if len(rest) == 2 else {}))
    return entries


CALM = [
    (0, "+14155550101", "a"), (2, "a"), (2, "+14155550102", "b"), (4, "b"), (1, "+14155550103", "c"), (3, "c"),
]  # fmt: skip


def test_a_run_in_which_everybody_is_called_once_is_clean():
    found = judge(ledger(*CALM), wanted())

    assert faults(found) == {}
    assert (found["calls"], found["contacts"], found["peaks"]["house"]) == (3, 3, 2)


def test_a_contact_called_twice_is_found():
    found = judge(ledger(*CALM, (5, "+14155550101", "d"), (6, "d")), wanted())

    assert faults(found) == {"doubled": 1}


def test_a_contact_never_called_is_found():
    assert faults(judge(ledger(*CALM[:4]), wanted())) == {"skipped": 1}


def test_calls_that_overlap_above_a_limit_are_found():
    overlap = [(1, "+14155550102", "b") if fact == (2, "+14155550102", "b") else fact for fact in CALM]

    assert faults(judge(ledger(*overlap), wanted())) == {"above_a_limit": ["campaign 1", "client 10", "house"]}


def test_a_call_that_begins_in_a_pause_is_found_and_one_on_its_way_is_not():
    begins_at_two_s = "1"

    assert faults(judge(ledger(*CALM), wanted((begins_at_two_s, 0.5, 3.5)))) == {"dialled_in_a_pause": 1}
    assert faults(judge(ledger(*CALM), wanted((begins_at_two_s, 1.5, 3.5)))) == {}
    assert faults(judge(ledger(*CALM), wanted(("2", 0.5, 3.5)))) == {}


def test_calls_of_others_do_not_count():
    found = judge(ledger(*CALM, (0, "+14155559999", "x")), wanted())

    assert (found["calls"], found["contacts"]) == (3, 3)
