"""Operators and callers in their thousands, all at once: for measuring what brings them together.

Each client has five queues, each of which asks for one skill; an operator has three of the skills, at levels from 1 to
10, and is a member of those queues. Callers are spread evenly. Everybody is ready, everybody waits.
"""

from __future__ import annotations

import random
from datetime import timedelta

from django.db import connection

from apps.calls.models import Call
from apps.clients.models import Client
from apps.core import clock
from apps.core.models import User
from apps.operators.models import Operator, OperatorSkill, Skill, Team
from apps.queues import setup as queues
from apps.queues.models import Membership, Offer, Queue, QueueEntry, SkillRequirement

QUEUES, SKILLS_EACH, LEVEL = 5, 3, 3
EARLIER = 10_000  # calls that are over: a house whose first call this is would be planned for otherwise
PAST_ENGAGEMENTS = """
INSERT INTO operators_engagement (operator_id, purpose, since, ended_at)
SELECT id, 'offer', now() - interval '1 day', now() - interval '1 day'
FROM (SELECT id FROM operators_operator CROSS JOIN generate_series(1, 1000) LIMIT %s) past
"""
PAST_LEGS = """
INSERT INTO calls_leg (public_id, call_id, role, status, outgoing, address, caller_id, operator_id, muted, call_token,
    ring_seconds, machine_detection, step, uncertain, known_by, created_at, heard_at)
SELECT gen_random_uuid(), call, 'operator', 'completed', true, '', '', operator, false, '', 20, '', 0, false, '',
    now() - interval '1 day', now() - interval '1 day'
FROM (
    SELECT calls_call.id AS call, operators_operator.id AS operator
    FROM calls_call CROSS JOIN operators_operator CROSS JOIN generate_series(1, 1000) LIMIT %s
) past
"""


class Crowd:
    """`operators` and `waiting` are spread over so many clients; `queues` are the keys of each client's queues."""

    def __init__(self, operators: int, waiting: int, clients: int = 1, seed: int = 1) -> None:
        self.operators, self.waiting = operators, waiting
        self._chance = random.Random(seed)
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE clients_client, core_user CASCADE")  # whatever a crowd is made of
        self.queues: list[list[int]] = []
        for number in range(clients):
            share = [count // clients + (number < count % clients) for count in (operators, waiting)]
            self.queues.append(self._client(f"bench{number + 1}", *share))
        with connection.cursor() as cursor:
            cursor.execute(PAST_ENGAGEMENTS, [EARLIER])
            cursor.execute(PAST_LEGS, [EARLIER])
            cursor.execute("VACUUM ANALYZE")

    def _client(self, name: str, operators: int, waiting: int) -> list[int]:
        client = Client.objects.create(name=name, slug=name)
        team = Team.objects.create(client=client, name="Team")
        skills = [Skill.objects.create(client=client, name=f"Skill {number + 1}") for number in range(QUEUES)]
        lines = [queues.save(Queue(client=client, name=skill.name)) for skill in skills]
        SkillRequirement.objects.bulk_create(
            SkillRequirement(queue=queue, skill=skill, level=LEVEL) for queue, skill in zip(lines, skills, strict=True)
        )
        self._hire(team, operators, list(zip(lines, skills, strict=True)))
        self._call_in(client, waiting, lines)
        return [queue.pk for queue in lines]

    def _hire(self, team: Team, count: int, lines: list[tuple[Queue, Skill]]) -> None:
        now = clock.now()
        users = User.objects.bulk_create(
            User(username=f"{team.client.slug}-{number}", first_name="Bench", last_name=str(number), password="!")
            for number in range(count)
        )
        staff = Operator.objects.bulk_create(
            Operator(user=user, team=team, presence=Operator.Presence.AVAILABLE,
                     idle_since=now - timedelta(seconds=self._chance.randrange(3600)))
            for user in users
        )  # fmt: skip
        serves = [(operator, *one) for operator in staff for one in self._chance.sample(lines, SKILLS_EACH)]
        Membership.objects.bulk_create(Membership(operator=operator, queue=queue) for operator, queue, _ in serves)
        OperatorSkill.objects.bulk_create(
            OperatorSkill(operator=operator, skill=skill, level=self._chance.randint(1, 10))
            for operator, _, skill in serves
        )

    def _call_in(self, client: Client, count: int, lines: list[Queue]) -> None:
        now = clock.now()
        calls = Call.objects.bulk_create(
            Call(client=client, direction=Call.Direction.INBOUND, customer_number=f"+1415{5550000 + number}")
            for number in range(count)
        )
        QueueEntry.objects.bulk_create(
            QueueEntry(queue=lines[number % len(lines)], call=call, joined_at=since, place_at=since)
            for number, call in enumerate(calls)
            for since in [now - timedelta(milliseconds=count - number)]
        )

    def reset(self) -> None:
        """Nobody was ever offered to anybody."""
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE queues_offer, core_event")
            cursor.execute("DELETE FROM calls_leg WHERE status <> 'completed'")
            cursor.execute("DELETE FROM operators_engagement WHERE ended_at IS NULL")
            cursor.execute("UPDATE queues_membership SET last_offered_at = NULL WHERE last_offered_at IS NOT NULL")
            cursor.execute("UPDATE queues_queueentry SET status = 'waiting' WHERE status <> 'waiting'")
            cursor.execute("VACUUM ANALYZE queues_queueentry, queues_membership, operators_engagement, calls_leg")

    def doubles(self) -> int:
        """Operators with more than one offer, callers with more than one, and offers without their engagement."""
        offers = list(Offer.objects.values_list("operator", "entry", "engagement__operator"))
        people, callers = {one[0] for one in offers}, {one[1] for one in offers}
        return 2 * len(offers) - len(people) - len(callers) + sum(one[0] != one[2] for one in offers)
