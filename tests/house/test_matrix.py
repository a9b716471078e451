"""Every route against every role. The table is matrix.txt: a route without a line fails, and a line without a route."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.doors import Doors
from tests.house.routes import Route, all_routes
from tests.house.world import COLUMNS

pytestmark = pytest.mark.django_db

TABLE = Path(__file__).with_name("matrix.txt")
# Sockets are tried apart: they need rows that are committed.
PLACES = sorted({route.place for route in all_routes()} - {"sockets"})


def expected() -> dict[str, list[str]]:
    """The table: "METHOD path" -> the word of each column."""
    rows = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    assert rows[0] == ["route", *COLUMNS]
    return {" ".join(row[:2]): row[2:] for row in rows[1:]}


def line(route: Route | str, words: list[str]) -> str:
    method, _, path = str(route).partition(" ")
    return f"{method:6} {path:60} " + " ".join(f"{word:10}" for word in words).rstrip()


def test_the_table_has_a_line_for_every_route_and_a_route_for_every_line():
    routes, lines = {str(route) for route in all_routes()}, set(expected())

    assert routes - lines == set(), "These routes have no line in tests/house/matrix.txt: decide who may use them."
    assert lines - routes == set(), "These lines of tests/house/matrix.txt have no route any more."


@pytest.mark.parametrize("place", PLACES)
def test_every_door_opens_for_those_of_the_table_and_for_nobody_else(place, doors):
    compare(place, doors)


@pytest.mark.django_db(transaction=True)
def test_every_socket_opens_for_those_of_the_table_and_for_nobody_else(doors):
    compare("sockets", doors)


def compare(place: str, doors: Doors) -> None:
    table = expected()
    wrong = []
    for route in all_routes():
        if route.place == place:
            found = [doors.ask(route, column) for column in COLUMNS]
            if found != table.get(str(route)):
                wrong += [line(route, found), line("  table says", table.get(str(route), []))]
    assert not wrong, "\n".join(["", line("found", COLUMNS), *wrong])
