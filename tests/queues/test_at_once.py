"""Many at once, on the real database: threads with connections of their own, all let go at the same moment."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.db import connection, transaction

from apps.calls.models import Call, Leg
from apps.core import clock
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import Engagement, Operator
from apps.queues import healing
from apps.queues import services as queues
from apps.queues.models import Membership, Offer, Queue, QueueEntry
from tests import factories
from tests.queues.conftest import Desk, now
from tests.support.locks import wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """Run the jobs in threads that start together; their results in order, a Refused as its own result."""
    results: list[object] = [None] * len(jobs)
    barrier = threading.Barrier(len(jobs))

    def run(index: int, job: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(20)
            results[index] = job()
        except Exception as error:  # handed to the test, which judges it
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, Refused):
            raise result
    return results


@pytest.fixture
def desk(transactional_db) -> Desk:
    return Desk(factories.QueueFactory(max_size=100, wrap_up_seconds=0))


def assert_nothing_is_doubled() -> None:
    ringing = Offer.objects.ringing()
    assert max(Counter(ringing.values_list("operator", flat=True)).values(), default=0) <= 1
    assert max(Counter(ringing.values_list("entry", flat=True)).values(), default=0) <= 1
    held = Engagement.objects.open()
    assert held.count() == held.values("operator").distinct().count()
    busy_for_offers = set(held.filter(purpose="offer").values_list("operator", flat=True))
    assert busy_for_offers == set(Offer.objects.filter(ended_at__isnull=True).values_list("operator", flat=True))
    assert set(ringing.values_list("entry", flat=True)) == set(
        QueueEntry.objects.filter(status="offered").values_list("pk", flat=True)
    )
    assert set(Offer.objects.filter(status="accepted", ended_at__isnull=True).values_list("entry", flat=True)) == set(
        QueueEntry.objects.filter(status="talking").values_list("pk", flat=True)
    )


def test_eight_dispatchers_at_once_engage_nobody_twice(desk):
    other = factories.QueueFactory(client=desk.queue.client, max_size=100)
    team = [desk.operator() for _ in range(12)]
    for operator in team[::2]:
        factories.MembershipFactory(queue=other, operator=operator)
    for n in range(30):
        desk.waits(queue=other if n % 3 == 0 else desk.queue)
    keys = [[desk.queue.pk], [other.pk], [desk.queue.pk, other.pk], [other.pk, desk.queue.pk]] * 2

    made = at_once(*[lambda key=key: len(queues.dispatch(key)) for key in keys])

    assert_nothing_is_doubled()
    assert sum(made) == Offer.objects.count()
    queues.dispatch([desk.queue.pk, other.pk])
    assert_nothing_is_doubled()
    assert Offer.objects.ringing().count() == 12
    assert not Operator.objects.ready().exists()


@pytest.mark.parametrize("time", range(3))
def test_eight_dispatchers_of_a_random_load_serve_everybody_once_and_in_turn(desk, time):
    """Queues share operators and differ in strategy and priority."""
    seed = random.randrange(10**9)
    print(f"load {time} with seed {seed}")  # noqa: T201 - shown with a failure
    chance, client = random.Random(seed), desk.queue.client
    lines = [desk.queue] + [
        factories.QueueFactory(
            client=client, max_size=100, priority=chance.randint(3, 7), ageing_seconds=chance.choice([0, 30]),
            strategy=chance.choice(["longest_idle", "round_robin", "fewest_calls", "random", "weighted", "linear"]),
        )
        for _ in range(3)
    ]  # fmt: skip
    for _ in range(chance.randint(5, 25)):
        operator = factories.OperatorFactory(presence="available", client=client)
        for queue in chance.sample(lines, chance.randint(1, 4)):
            factories.MembershipFactory(queue=queue, operator=operator)
    for _ in range(chance.randint(10, 40)):
        entry = desk.waits(queue=chance.choice(lines))
        QueueEntry.objects.filter(pk=entry.pk).update(
            front=chance.random() < 0.1, place_at=clock.now() - timedelta(seconds=chance.randint(0, 120))
        )
    line = list(QueueEntry.objects.waiting().in_turn(clock.now()))
    serves = {key: set() for key in (queue.pk for queue in lines)}
    for queue_id, operator_id in Membership.objects.values_list("queue", "operator"):
        serves[queue_id].add(operator_id)

    woken = [chance.choice(lines).pk for _ in range(8)]

    at_once(*[lambda key=key: queues.dispatch([key]) for key in woken])
    while queues.dispatch([queue.pk for queue in lines]):
        pass

    assert_nothing_is_doubled()
    taken = dict(Offer.objects.ringing().values_list("entry", "operator"))
    assert all(taken[entry.pk] in serves[entry.queue_id] for entry in line if entry.pk in taken)
    for n, entry in enumerate(line):
        if entry.pk not in taken:
            # Whoever serves this queue was given to somebody who stood before.
            before = {taken[one.pk] for one in line[:n] if one.pk in taken}
            assert serves[entry.queue_id] <= before, f"entry {entry.pk} was passed over"


def test_one_queues_dispatchers_serve_the_longest_waiting_first(desk):
    entries = [desk.waits() for _ in range(6)]
    for _ in range(3):
        desk.operator()

    at_once(*[lambda: queues.dispatch([desk.queue.pk])] * 8)

    assert set(Offer.objects.values_list("entry", flat=True)) == {entry.pk for entry in entries[:3]}


@pytest.mark.parametrize("_round", range(8))
def test_when_the_answer_meets_the_hang_up_exactly_one_of_them_counts(desk, _round):
    anna = desk.operator()
    entry = desk.waits()
    offer = desk.offer()

    answer, left = at_once(lambda: queues.accept(offer), lambda: queues.abandon(entry))

    assert_nothing_is_doubled()
    if left:
        assert isinstance(answer, Refused)
        assert now(entry).status == "abandoned"
        assert now(entry.call).operator is None
        assert not anna.engagements.open().exists()
    else:
        assert answer is None
        assert now(entry).status == "talking"
        assert now(entry.call).operator == anna


@pytest.mark.parametrize("_round", range(5))
def test_when_several_operators_answer_at_once_one_gets_the_caller(desk, _round):
    entry = desk.waits()
    QueueEntry.objects.filter(pk=entry.pk).update(status="offered")
    offers = [factories.OfferFactory(entry=entry, operator=desk.operator()) for _ in range(4)]

    answers = at_once(*[lambda offer=offer: queues.accept(offer) for offer in offers])

    assert sum(isinstance(answer, Refused) for answer in answers) == 3
    assert Counter(Offer.objects.values_list("status", flat=True)) == {"accepted": 1, "withdrawn": 3}
    winner = Offer.objects.get(status="accepted")
    assert now(entry).operator == winner.operator == now(entry.call).operator
    assert Engagement.objects.open().get().operator == winner.operator


def test_the_same_operator_wanted_by_eight_is_taken_once(desk):
    anna = desk.operator()

    taken = at_once(*[lambda: operators.engage(anna, Engagement.Purpose.DESK_CALL)] * 8)

    assert sum(isinstance(result, Refused) for result in taken) == 7
    assert anna.engagements.count() == 1


def test_the_last_places_are_given_once(desk):
    desk.queue.max_size = 3
    desk.queue.save()
    waiting = [desk.call() for _ in range(8)]

    joined = at_once(*[lambda call=call: queues.join(call, desk.queue) for call in waiting])

    assert sum(isinstance(result, queues.QueueFull) for result in joined) == 5
    assert QueueEntry.objects.in_line().count() == 3


def test_the_same_call_joining_twice_at_once_has_one_place(desk):
    call = desk.call()

    first, second = at_once(*[lambda: queues.join(call, desk.queue)] * 2)

    assert first == second
    assert QueueEntry.objects.get() == first


def test_signing_out_while_dispatch_runs_leaves_no_half_offer(desk):
    team = [desk.operator() for _ in range(4)]
    for _ in range(4):
        desk.waits()

    at_once(
        *[lambda: queues.dispatch([desk.queue.pk])] * 3,
        *[lambda operator=operator: operators.set_presence(operator, "offline") for operator in team],
    )

    # Who was rung before the sign-out is freed by the receiver of the change.
    assert_nothing_is_doubled()
    assert not Offer.objects.ringing().exists()
    assert not Engagement.objects.open().exists()


def test_a_storm_of_everything_ends_without_deadlock_in_a_sound_state(desk):
    """Dispatch, answers, refusals, hang-ups, lost operators and sweeps at once, each under its call's lock as the
    switchboard holds it: whatever the order, nothing waits in a circle and nobody is engaged twice."""
    other = factories.QueueFactory(client=desk.queue.client, max_size=100, wrap_up_seconds=0)
    for n in range(8):
        Membership.objects.create(queue=other, operator=desk.operator()) if n % 2 else desk.operator()
    for n in range(40):
        desk.waits(queue=other if n % 4 == 0 else desk.queue)
    keys = [desk.queue.pk, other.pk]

    at_once(*[lambda seed=seed: _stir(random.Random(seed), keys) for seed in range(8)])

    assert_nothing_is_doubled()


def _stir(chance: random.Random, keys: Sequence[int]) -> None:
    for _turn in range(25):
        chance.choice([_dispatch, _answer, _answer, _refuse, _hang_up, _lose, _finish, _sweep])(chance, keys)


def _under_the_calls_lock(row: Offer | QueueEntry | None, job: Callable) -> None:
    """As a webhook does it: the call first."""
    if row is None:
        return
    call = row.call_id if isinstance(row, QueueEntry) else row.entry.call_id
    with transaction.atomic():
        Call.objects.select_for_update().get(pk=call)
        try:
            job(type(row).objects.get(pk=row.pk))
        except Refused:
            return


def _any(chance: random.Random, rows):
    return chance.choice(list(rows) or [None])


def _dispatch(chance, keys):
    queues.dispatch(chance.sample(list(keys), chance.randint(1, 2)))


def _answer(chance, keys):
    _under_the_calls_lock(_any(chance, Offer.objects.ringing().select_related("entry")), queues.accept)


def _refuse(chance, keys):
    offer = _any(chance, Offer.objects.ringing())
    if offer is not None:
        chance.choice([queues.decline, queues.miss])(offer)


def _hang_up(chance, keys):
    _under_the_calls_lock(
        _any(chance, QueueEntry.objects.open()), lambda entry: queues.abandon(entry) or queues.finish(entry)
    )


def _lose(chance, keys):
    entry = _any(chance, QueueEntry.objects.filter(status="talking"))
    _under_the_calls_lock(entry, queues.requeue)


def _finish(chance, keys):
    _under_the_calls_lock(_any(chance, QueueEntry.objects.filter(status="talking")), queues.finish)


def _sweep(chance, keys):
    Leg.objects.filter(offer__status="ringing", pk=chance.randint(1, 400)).update(status="no-answer")
    healing.heal()


def test_an_offer_begins_after_the_one_before_it_however_long_its_round_has_waited(desk):
    operator = desk.operator()
    desk.waits()
    desk.waits()
    first = desk.offer()
    made: list[Offer] = []

    def dispatch() -> None:
        made.extend(queues.dispatch([desk.queue.pk]))
        connection.close()

    waiting = threading.Thread(target=dispatch)
    with transaction.atomic():
        Queue.objects.select_for_update().get(pk=desk.queue.pk)
        waiting.start()
        wait_until_blocked()
        clock.advance(5)
        queues.withdraw(first, "The caller hung up.")
        Leg.objects.filter(pk=first.leg_id).update(status="canceled")
    waiting.join(20)

    (second,) = made
    assert second.operator == operator
    assert second.offered_at >= now(first).ended_at
