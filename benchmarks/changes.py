"""python -m benchmarks.changes RATE SECONDS: a busy house, for whoever watches it: so many changes a second.

A process of its own, as the worker is one. Rows change in the database, in small groups, and each change is told as the
services tell it; only what the services do besides (events, tasks) is left out, because it is not what is measured.
Six of ten changes are operators who come and go, three are customers put on hold or taken back, one is a place in line.
"""

from __future__ import annotations

import random
import sys
import time

import django

ROUNDS_A_SECOND = 50


def main(rate: float, seconds: float) -> None:
    django.setup()
    from django.db import connection

    from apps.calls.models import Leg
    from apps.core import clock
    from apps.live import receivers
    from apps.operators.models import Operator
    from apps.queues.models import QueueEntry

    chance = random.Random(1)
    operators = list(Operator.objects.idle().values_list("pk", "team__client"))
    legs = list(Leg.objects.open().filter(joined_at__isnull=False).values_list("pk", "call", "call__client"))
    entries = list(QueueEntry.objects.in_line().values_list("pk", "queue", "queue__client"))

    def change(count: int) -> None:
        kinds = chance.choices("olq", (6, 3, 1), k=count)
        chosen = [chance.sample(rows, min(kinds.count(kind), len(rows)))
                  for kind, rows in (("o", operators), ("l", legs), ("q", entries))]  # fmt: skip
        now = clock.now()
        with connection.cursor() as cursor:
            cursor.execute(_OPERATORS, [now, [row[0] for row in chosen[0]]])
            cursor.execute(_LEGS, [now, [row[0] for row in chosen[1]]])
            cursor.execute(_ENTRIES, [[row[0] for row in chosen[2]]])
        for operator_id, client_id in chosen[0]:
            receivers.on_operator_changed(operator_id=operator_id, client_id=client_id)
        for _leg_id, call_id, client_id in chosen[1]:
            receivers.on_call_changed(call_id=call_id, client_id=client_id)
        for entry_id, queue_id, client_id in chosen[2]:
            receivers.on_queue_changed(client_id=client_id, queue_id=queue_id, entry_id=entry_id)

    print("ready", flush=True)
    began, made = time.monotonic(), 0
    while (spent := time.monotonic() - began) < seconds:
        due = int(spent * rate) - made
        if due > 0:
            change(due)
            made += due
        time.sleep(1 / ROUNDS_A_SECOND)
    time.sleep(0.3)  # the last nudges go out
    print(made, flush=True)


_OPERATORS = """UPDATE operators_operator SET presence_since = %s,
    presence = CASE presence WHEN 'available' THEN 'on_break' ELSE 'available' END WHERE id = ANY(%s)"""
_LEGS = """UPDATE calls_leg SET on_hold_since = CASE WHEN on_hold_since IS NULL THEN %s::timestamptz END
    WHERE id = ANY(%s)"""
_ENTRIES = "UPDATE queues_queueentry SET priority = (priority + 1) %% 10 WHERE id = ANY(%s)"

if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]))
