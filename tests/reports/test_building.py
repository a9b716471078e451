"""Reports over rows in the database, against the pure cutting of the same spans."""

import random
from collections import defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.calls import services as calls
from apps.core import clock
from apps.core.refused import Refused
from apps.operators.models import Engagement, PresenceSpan
from apps.queues import stats
from apps.queues.models import Offer, QueueEntry
from apps.reports import building, intervals
from apps.reports.building import Asked
from apps.reports.definitions import By
from apps.reports.figures import Row
from apps.reports.intervals import Size
from tests import factories

pytestmark = pytest.mark.django_db
NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 3, 2, tzinfo=NEW_YORK)


@pytest.fixture(autouse=True)
def still_clock():
    clock.freeze(MONDAY + timedelta(days=3))
    yield
    clock.release()


@pytest.fixture
def house():
    return House()


class House:
    """One client with a team of two, a queue and somebody who may see all that."""

    def __init__(self):
        self.client = factories.ClientFactory(time_zone="America/New_York")
        self.team = factories.TeamFactory(client=self.client)
        self.anna, self.ben = factories.OperatorFactory.create_batch(2, team=self.team)
        self.queue = factories.QueueFactory(
            client=self.client, members=[self.anna, self.ben], service_level_seconds=20, short_abandon_seconds=5
        )
        self.user = factories.UserFactory(role="supervisor", clients=[self.client])

    def report(self, by=By.QUEUE, size=Size.DAY, since=MONDAY, days=3, **more):
        return building.build(Asked(by, since, since + timedelta(days=days), size, NEW_YORK, **more), self.user)

    def conversation(self, operator, joined, *, wait=10, talk=100, wrap=0, queue=None):
        """A caller who joined, was rung for at once and taken after `wait` seconds."""
        call = factories.CallFactory(client=self.client, status="over", outcome="answered", ended_at=joined)
        taken = joined + timedelta(seconds=wait)
        ended = taken + timedelta(seconds=talk)
        entry = factories.QueueEntryFactory(
            queue=queue or self.queue, call=call, status="answered", operator=operator, joined_at=joined,
            place_at=joined, answered_at=taken, ended_at=ended,
        )  # fmt: skip
        held = factories.EngagementFactory(
            operator=operator, purpose="offer", since=joined, ended_at=ended, call_ref=call.public_id
        )
        factories.OfferFactory(
            entry=entry, operator=operator, engagement=held, leg=None, status="accepted", offered_at=joined,
            decided_at=taken, ended_at=ended,
        )  # fmt: skip
        if wrap:
            factories.EngagementFactory(
                operator=operator, purpose="wrap_up", since=ended, ended_at=ended + timedelta(seconds=wrap),
                call_ref=call.public_id,
            )  # fmt: skip
        return entry

    def present(self, operator, since, hours, presence="available", reason=None):
        PresenceSpan.objects.create(
            operator=operator, presence=presence, break_reason=reason, since=since,
            until=since + timedelta(hours=hours),
        )  # fmt: skip


def at(hours, day=0):
    return MONDAY + timedelta(days=day, hours=hours)


def test_a_house_without_calls_has_rows_without_figures(house):
    report = house.report()

    assert [subject.name for subject in report.subjects] == [house.queue.name]
    assert report.total.values()["offered"] == 0
    assert report.total.values()["service_level_percent"] is None


def test_a_call_over_midnight_is_counted_where_it_joined_and_its_seconds_on_either_day(house):
    house.conversation(house.anna, at(23.99), wait=6, talk=600, wrap=60)

    monday, tuesday, _ = (house.report().by_interval.get(n, Row()).values() for n in range(3))

    assert (monday["offered"], tuesday["offered"]) == (1, 0)
    assert (monday["talk_seconds"], tuesday["talk_seconds"]) == (30, 570)
    assert (monday["wrap_up_seconds"], tuesday["wrap_up_seconds"]) == (0, 60)
    assert (monday["average_handle_seconds"], tuesday["average_handle_seconds"]) == (660, None)
    assert (monday["service_level_percent"], tuesday["service_level_percent"]) == (100.0, None)


def test_the_figures_of_the_board_are_those_of_the_report(house):
    for wait in (5, 15, 30):
        house.conversation(house.anna, at(10 + wait / 60), wait=wait)
    for seconds in (2, 40):
        factories.QueueEntryFactory(
            queue=house.queue, status="abandoned", joined_at=at(11), ended_at=at(11) + timedelta(seconds=seconds)
        )

    values = house.report(days=1).total.values()
    day = stats.today(house.queue, at(0), at(24))

    assert {name: values[name] for name in ("offered", "answered", "abandoned", "short_abandoned")} == {
        "offered": day.offered, "answered": day.answered, "abandoned": day.abandoned,
        "short_abandoned": day.short_abandoned,
    }  # fmt: skip
    assert values["service_level_percent"] == day.service_level_percent == 50.0
    assert values["average_answer_seconds"] == day.average_answer_seconds == 16.7
    assert values["longest_wait_seconds"] == day.longest_wait_seconds == 30


def test_a_callback_is_counted_but_is_neither_in_time_nor_late(house):
    entry = house.conversation(house.anna, at(10), wait=3600)
    QueueEntry.objects.filter(pk=entry.pk).update(kind="callback")
    house.conversation(house.anna, at(12), wait=10)

    values = house.report(days=1).total.values()

    assert (values["answered"], values["callbacks"], values["callbacks_done"]) == (2, 1, 1)
    assert (values["service_level_percent"], values["average_answer_seconds"]) == (100.0, 10.0)


def test_hold_is_told_from_talk_and_ends_when_the_customer_is_taken_back(house):
    entry = house.conversation(house.anna, at(10), wait=0, talk=300)
    for seconds, kind in ((60, "calls.held"), (90, "calls.resumed"), (280, "calls.held"), (301, "calls.closed")):
        clock.freeze(at(10) + timedelta(seconds=seconds))
        calls.record(entry.call, kind, **({"outcome": "answered"} if kind == "calls.closed" else {}))
    clock.freeze(MONDAY + timedelta(days=3))

    values = house.report(By.OPERATOR, days=1).total.values()

    assert (values["hold_seconds"], values["talk_seconds"]) == (50, 250)
    assert values["average_handle_seconds"] == 300


def test_missed_and_declined_offers_are_told_of_operator_and_queue(house):
    for operator, status in ((house.anna, "missed"), (house.anna, "declined"), (house.ben, "missed")):
        entry = factories.QueueEntryFactory(queue=house.queue, joined_at=at(9))
        held = factories.EngagementFactory(operator=operator, purpose="offer", since=at(9), ended_at=at(9))
        factories.OfferFactory(
            entry=entry, operator=operator, engagement=held, leg=None, status=status, offered_at=at(9),
            decided_at=at(9), ended_at=at(9),
        )  # fmt: skip

    queue = house.report().total.values()
    operators = house.report(By.OPERATOR)
    anna = operators.by_subject[next(s for s in operators.subjects if s.key == house.anna.pk)].values()

    assert (queue["offers"], queue["missed"], queue["declined"]) == (3, 2, 1)
    assert (anna["offers"], anna["missed"], anna["declined"]) == (2, 1, 1)


def test_occupancy_is_work_of_work_and_idle_time_and_ringing_is_neither(house):
    house.present(house.anna, at(9), 1)
    house.conversation(house.anna, at(9), wait=600, talk=900, wrap=300)

    values = house.report(By.OPERATOR, days=1, subject=house.anna.public_id).total.values()

    # 60 minutes available: 10 ringing, 15 talking, 5 wrapping up, 30 idle.
    assert values["occupancy_percent"] == 40.0
    assert values["available_seconds"] == 3600


def test_adherence_is_presence_within_the_shift_and_a_closed_office_does_not_change_it(house):
    shift = factories.ScheduleFactory(client=house.client, time_zone="America/New_York", closed_now=True)
    factories.PeriodFactory(schedule=shift, weekday=0)
    house.anna.shift = shift
    house.anna.save()
    lunch = factories.BreakReasonFactory(client=house.client, name="Lunch")
    house.present(house.anna, at(8), 3)
    house.present(house.anna, at(11), 2, "on_break", lunch)
    house.conversation(house.anna, at(11), wait=0, talk=3600)  # still talking when the break began

    report = house.report(By.OPERATOR, subject=house.anna.public_id)
    row = report.total

    assert row.staff.planned == 8 * 3600
    assert row.values()["adherence_percent"] == 37.5
    assert row.breaks() == {"Lunch": 7200}
    assert report.by_interval.get(1, Row()).staff.planned == 0


def test_a_shift_of_today_is_planned_until_now_only(house):
    shift = factories.ScheduleFactory(client=house.client, time_zone="America/New_York", always=True)
    house.anna.shift = shift
    house.anna.save()
    clock.freeze(at(10))

    assert house.report(By.OPERATOR).total.staff.planned == pytest.approx(10 * 3600)


def test_who_serves_two_queues_is_one_person_in_their_total(house):
    other = factories.QueueFactory(client=house.client, members=[house.anna])
    house.present(house.anna, at(9), 1)
    house.conversation(house.anna, at(9), wait=0, talk=1800, queue=other)

    report = house.report(days=1)

    assert report.total.staff.idle == pytest.approx(1800)
    assert report.total.values()["occupancy_percent"] == 50.0
    assert [row.values()["occupancy_percent"] for row in report.by_subject.values()] == [50.0, 50.0]


def test_nobody_sees_figures_of_another_client(house):
    house.conversation(house.anna, at(9))
    stranger = factories.UserFactory(role="supervisor", clients=[factories.ClientFactory()])
    for by in By:
        report = building.build(Asked(by, MONDAY, at(24), Size.HOUR, NEW_YORK), stranger)
        assert report.subjects == [] and report.total.values()["answered"] == 0


def test_a_period_that_cannot_be_is_refused_in_a_sentence(house):
    with pytest.raises(Refused, match="ends before it begins"):
        house.report(days=0)
    with pytest.raises(Refused, match="more than 1500 intervals"):
        house.report(size=Size.QUARTER, days=60)


@pytest.mark.parametrize("by", list(By))
def test_the_number_of_queries_does_not_grow_with_the_calls(house, by):
    house.conversation(house.anna, at(9))
    house.report(by)  # the user's permissions are read once
    with CaptureQueriesContext(connection) as few:
        house.report(by)
    for hour in range(20):
        house.conversation(house.ben, at(hour), wrap=10)
    with CaptureQueriesContext(connection) as many:
        house.report(by, size=Size.HOUR)

    assert len(few) == len(many)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [Size.QUARTER, Size.HOUR, Size.DAY])
def test_sums_over_intervals_are_the_whole_and_over_operators_the_queue(house, seed, size):
    chance = random.Random(seed)
    _random_days(house, chance)
    by_queue, by_operator = house.report(size=size, days=2), house.report(By.OPERATOR, size=size, days=2, cells=True)
    whole = house.report(size=Size.WEEK, days=2).total

    total = by_queue.total
    assert total.tally == whole.tally
    for name in ("conversation", "wrap_up", "handle", "conversations", "offers"):
        assert getattr(total.work, name) == pytest.approx(getattr(whole.work, name), abs=0.01), name
        # Nobody was called from the desk, so all work was for the queue.
        assert getattr(by_operator.total.work, name) == pytest.approx(getattr(total.work, name), abs=0.01), name
    assert by_operator.total.tally.answered == total.tally.answered
    assert total.staff.idle == pytest.approx(by_operator.total.staff.idle, abs=0.01)
    team = house.report(By.TEAM, size=size, days=2).total
    assert (team.tally, team.operators) == (by_operator.total.tally, by_operator.total.operators)
    for report in (by_queue, by_operator):
        for row in report.by_interval.values():
            assert row.staff.occupancy is None or 0 <= row.staff.occupancy <= 1
    _compare_with_the_pure_cutting(by_operator)


@pytest.mark.parametrize("by", list(By))
def test_rows_of_intervals_and_of_subjects_are_the_sums_of_their_cells(house, by):
    _random_days(house, random.Random(6))
    other = factories.QueueFactory(client=house.client, members=[house.anna])
    house.conversation(house.anna, at(47), wait=3, talk=500, wrap=40, queue=other)
    report = house.report(by, Size.HOUR, days=2, cells=True)

    cells = {(n, each): report.of(n, each) for n in range(len(report.spans)) for each in report.subjects}
    for n, row in report.by_interval.items():
        _are_one([cells[n, each] for each in report.subjects], row)
    for each, row in report.by_subject.items():
        _are_one([cells[n, each] for n in range(len(report.spans))], row)
        assert row.staff.idle == pytest.approx(sum(cells[n, each].staff.idle for n in report.by_interval))
        assert row.staff.handling == pytest.approx(sum(cells[n, each].staff.handling for n in report.by_interval))
    assert {(n, each) for n, each in cells if report.has(n, each)} >= {key for key in cells if cells[key].tally.offered}


def _are_one(cells, whole):
    found = Row.sum(cells)
    assert found.operators == whole.operators
    for name in ("tally", "work", "presence"):
        there, wanted = (
            getattr(row, name) if name == "presence" else vars(getattr(row, name)) for row in (found, whole)
        )
        assert there == pytest.approx(wanted, abs=0.001), name


def _random_days(house, chance):
    for operator in (house.anna, house.ben):
        moment = at(-3)
        while moment < at(47):
            talk, wrap = chance.randint(0, 5000), chance.choice([0, 30, 600])
            house.conversation(operator, moment, wait=chance.randint(0, 40), talk=talk, wrap=wrap)
            moment += timedelta(seconds=talk + wrap + 60 + chance.randint(0, 9000))
        moment = at(-3)
        while moment < at(47):
            hours = chance.uniform(0.1, 6)
            house.present(operator, moment, hours, chance.choice(["available", "on_break", "offline"]))
            moment += timedelta(hours=hours)
    for _ in range(20):
        joined = at(chance.uniform(0, 48))
        factories.QueueEntryFactory(
            queue=house.queue, status=chance.choice(["abandoned", "overflowed"]), joined_at=joined,
            ended_at=joined + timedelta(seconds=chance.randint(0, 60)),
        )  # fmt: skip


def _compare_with_the_pure_cutting(report):
    expected = defaultdict(float)
    spans = [("conversation", o.operator_id, o.decided_at, o.ended_at) for o in Offer.objects.all()]
    spans += [("wrap_up", e.operator_id, e.since, e.ended_at) for e in Engagement.objects.filter(purpose="wrap_up")]
    spans += [(p.presence, p.operator_id, p.since, p.until) for p in PresenceSpan.objects.exclude(presence="offline")]
    for kind, operator, since, until in spans:
        for n, seconds in intervals.split(since, until, report.cuts).items():
            expected[kind, operator, n] += seconds
    cells = {(n, each.key): report.of(n, each) for n in range(len(report.spans)) for each in report.subjects}
    for (n, operator), row in cells.items():
        found = {"conversation": row.work.conversation, "wrap_up": row.work.wrap_up}
        found |= {presence: seconds for (presence, _reason), seconds in row.presence.items()}
        for kind, seconds in found.items():
            assert seconds == pytest.approx(expected.pop((kind, operator, n), 0.0), abs=0.01), (kind, n)
    assert not {key: left for key, left in expected.items() if left > 0.01}


def test_now_cuts_what_is_still_going_on(house):
    entry = house.conversation(house.anna, at(9), wait=0, talk=60)
    Offer.objects.filter(entry=entry).update(ended_at=None)
    Engagement.objects.filter(operator=house.anna).update(ended_at=None)
    QueueEntry.objects.filter(pk=entry.pk).update(status="talking", ended_at=None)
    clock.freeze(at(9) + timedelta(seconds=600))

    values = house.report(By.OPERATOR, size=Size.HOUR, days=1).total.values()

    assert (values["answered"], values["talk_seconds"]) == (1, 600)
