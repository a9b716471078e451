"""What the database itself allows, on tables of the smallest kind: the floor and the best single statement.

The floor: a transaction that writes two rows whose keys it knows; it decides nothing. The statement: the caller who
has waited longest and whom somebody ready can serve gets the one who has been idle longest; both rows are locked in
passing.
"""

from __future__ import annotations

import random

from django.db import connection, transaction

from benchmarks.crowd import LEVEL, QUEUES, SKILLS_EACH

TABLES = """
DROP TABLE IF EXISTS bare_operator, bare_skill, bare_entry;
CREATE TABLE bare_operator (id int PRIMARY KEY, ready boolean NOT NULL, idle_since float NOT NULL);
CREATE TABLE bare_skill (operator int NOT NULL, skill int NOT NULL, level int NOT NULL, PRIMARY KEY (skill, operator));
CREATE TABLE bare_entry (id int PRIMARY KEY, skill int NOT NULL, place_at float NOT NULL, operator int);
CREATE INDEX ON bare_operator (idle_since) WHERE ready;
CREATE INDEX ON bare_entry (place_at) WHERE operator IS NULL;
"""
STATEMENT = """
WITH pair AS (
    SELECT entry.id AS entry, free.id AS operator
    FROM bare_entry entry CROSS JOIN LATERAL (
        SELECT operator.id FROM bare_operator operator JOIN bare_skill skill ON skill.operator = operator.id
        WHERE operator.ready AND skill.skill = entry.skill AND skill.level >= %s
        ORDER BY operator.idle_since LIMIT 1 FOR UPDATE OF operator SKIP LOCKED
    ) free
    WHERE entry.operator IS NULL ORDER BY entry.place_at LIMIT 1 FOR UPDATE OF entry SKIP LOCKED
), taken AS (
    UPDATE bare_operator SET ready = false FROM pair WHERE bare_operator.id = pair.operator
)
UPDATE bare_entry SET operator = pair.operator FROM pair WHERE bare_entry.id = pair.entry RETURNING bare_entry.id
"""


def make(operators: int, waiting: int, seed: int = 1) -> None:
    """Tables with so many operators and callers, with skills as a crowd has them."""
    chance = random.Random(seed)
    skills = [
        (number, skill, chance.randint(1, 10))
        for number in range(operators)
        for skill in chance.sample(range(QUEUES), SKILLS_EACH)
    ]
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        cursor.executemany(
            "INSERT INTO bare_operator VALUES (%s, true, %s)",
            [(number, chance.random()) for number in range(operators)],
        )
        cursor.executemany("INSERT INTO bare_skill VALUES (%s, %s, %s)", skills)
        cursor.executemany(
            "INSERT INTO bare_entry VALUES (%s, %s, %s)",
            [(number, number % QUEUES, number) for number in range(waiting)],
        )
        cursor.execute("VACUUM ANALYZE bare_operator, bare_skill, bare_entry")


def reset() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bare_operator SET ready = true WHERE NOT ready")
        cursor.execute("UPDATE bare_entry SET operator = NULL WHERE operator IS NOT NULL")
        cursor.execute("VACUUM ANALYZE bare_operator, bare_entry")


def two_rows(number: int) -> int:
    """Give this caller this operator, with nothing looked at; how many were assigned (1)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE bare_operator SET ready = false WHERE id = %s", [number])
        cursor.execute("UPDATE bare_entry SET operator = %s WHERE id = %s", [number, number])
    return 1


def statement() -> int:
    """The next caller to the best operator; how many were assigned, 0 when nobody can be."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, [LEVEL])
        return cursor.rowcount


def doubles() -> int:
    """Operators with more than one caller."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(operator) - count(DISTINCT operator) FROM bare_entry")
        return cursor.fetchone()[0]
