"""The page, the spreadsheet and the API of the reports."""

import csv
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from apps.core import clock
from apps.reports.definitions import By, shown
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(client):
    """A supervisor, signed in, and a queue with an answered and an abandoned caller of a minute ago."""
    tenant = factories.ClientFactory(name="Northline Freight", time_zone="America/Chicago")
    operator = factories.OperatorFactory(client=tenant, user__first_name="Anna", presence="available")
    queue = factories.QueueFactory(client=tenant, name="Dispatch", members=[operator], service_level_percent=60)
    moment = clock.now() - timedelta(seconds=30)
    for status, who in (("answered", operator), ("abandoned", None)):
        factories.QueueEntryFactory(
            queue=queue, status=status, operator=who, joined_at=moment, ended_at=moment + timedelta(seconds=20),
            answered_at=moment + timedelta(seconds=4) if who else None,
        )  # fmt: skip
    user = factories.UserFactory(role="supervisor", clients=[tenant])
    client.force_login(user)
    client.queue, client.user, client.operator = queue, user, operator
    return client


def test_the_page_shows_the_figures_with_what_they_mean(house):
    page = house.get("/admin/reports/?period=7&interval=1d").content.decode()

    assert "Service level" in page and "50 %" in page
    for definition in shown(By.QUEUE):
        assert definition.words.replace("'", "&#x27;") in page, definition.key
    assert "America/Chicago" in page
    assert '<rect class="reports-fill-good"' in page
    assert "wanted: 60 %" in page


@pytest.mark.parametrize("by", list(By))
def test_each_kind_of_report_names_its_rows(house, by):
    factories.OperatorFactory(team=house.operator.team, user__first_name="Ben")
    factories.QueueFactory(client=house.queue.client, name="Sales")
    factories.TeamFactory(client=house.queue.client, name="Night team")

    page = house.get(f"/admin/reports/?by={by}&period=28&interval=1w").content.decode()

    assert {By.QUEUE: "Sales", By.TEAM: "Night team", By.OPERATOR: "Ben"}[by] in page
    assert "Total" in page


@pytest.mark.parametrize("by", list(By))
def test_each_kind_of_report_tells_who_is_there_now(house, by):
    colleague = factories.OperatorFactory(team=house.operator.team, presence="on_break")
    factories.MembershipFactory(queue=house.queue, operator=colleague)
    sales = factories.QueueFactory(client=house.queue.client, name="Sales", members=[house.operator])
    factories.QueueEntryFactory(queue=sales)
    factories.OperatorFactory(presence="available")
    api = APIClient()
    api.force_authenticate(house.user)

    now = api.get(f"/api/v1/reports/{'queues' if by == By.QUEUE else f'{by}s'}/").json()["now"]
    page = house.get(f"/admin/reports/?by={by}").content.decode()

    assert now["staff"] == {"members": 2, "signed_in": 2, "ready": 1, "busy": 0, "on_break": 1, "unreachable": 0}
    assert (now["line"] or {}).get("waiting") == (1 if by == By.QUEUE else None)
    assert "Signed in <b>2 of 2</b>" in page and "On a break <b>1</b>" in page


def test_what_cannot_be_shown_is_said_beside_its_field(house):
    page = house.get("/admin/reports/?period=dates&since=2026-03-05&until=2026-03-01").content.decode()
    assert "The last day comes before the first." in page
    page = house.get("/admin/reports/?period=dates").content.decode()
    assert "Choose the first day." in page
    page = house.get("/admin/reports/?period=dates&since=2026-01-01&until=2026-03-01&interval=15m").content.decode()
    assert "more than 1500 intervals" in page
    assert house.get("/admin/reports/figures.csv?period=dates").status_code == 400


def test_a_choice_of_before_that_does_not_fit_any_more_is_forgotten(house):
    page = house.get(f"/admin/reports/?by=team&subject={house.queue.public_id}").content.decode()

    assert house.operator.team.name in page and "What the figures mean" in page


def test_the_spreadsheet_has_a_line_for_each_interval_and_no_formula(house):
    type(house.queue).objects.filter(pk=house.queue.pk).update(name="=Dispatch")

    reply = house.get("/admin/reports/figures.csv?period=7&interval=1d")
    lines = list(csv.DictReader(b"".join(reply.streaming_content).decode().splitlines()))

    assert reply.streaming and reply.headers["Content-Type"].startswith("text/csv")
    assert [line["queue"] for line in lines] == ["'=Dispatch"]
    assert (lines[0]["offered"], lines[0]["service_level_percent"]) == ("2", "50.0")


def test_who_may_not_watch_the_board_sees_no_figures(house):
    house.force_login(factories.UserFactory(role=None, is_staff=True))
    assert house.get("/admin/reports/").status_code == 403
    assert house.get("/admin/reports/figures.csv").status_code == 403
    house.force_login(house.operator.user)
    assert house.get("/admin/reports/").status_code == 302


def test_a_supervisor_of_another_client_is_offered_and_shown_nothing(house):
    house.force_login(factories.UserFactory(role="supervisor", clients=[factories.ClientFactory()]))

    page = house.get("/admin/reports/?period=7").content.decode()

    assert "Dispatch" not in page and "There is nothing to report on yet." in page


@pytest.fixture
def api(house):
    api = APIClient()
    api.force_authenticate(house.user)
    api.queue, api.operator = house.queue, house.operator
    return api


def test_the_api_tells_total_rows_and_intervals(api):
    reply = api.get("/api/v1/reports/queues", {"client": str(api.queue.client.public_id), "cells": "true"})

    found = reply.json()
    assert reply.status_code == 200, found
    assert found["time_zone"] == "America/Chicago"
    assert found["total"]["offered"] == sum(row["figures"]["offered"] for row in found["intervals"])
    assert found["rows"][0] | {"figures": None} == {
        "id": str(api.queue.public_id), "name": "Dispatch", "service_level_wanted_percent": 60, "figures": None,
        "breaks": {},
    }  # fmt: skip
    assert sum(cell["figures"]["offered"] for cell in found["cells"]) == found["total"]["offered"]


def test_the_api_tells_of_one_operator_and_of_teams(api):
    since = (clock.now() - timedelta(days=1)).isoformat()
    one = api.get("/api/v1/reports/operators", {"since": since, "id": str(api.operator.public_id)}).json()
    teams = api.get("/api/v1/reports/teams", {"since": since, "interval": "1d"}).json()

    assert [row["name"] for row in one["rows"]] == ["Anna"]
    assert one["total"]["answered"] == teams["total"]["answered"] == 1


def test_the_api_refuses_what_cannot_be_in_a_sentence(api):
    soon = clock.now()
    reply = api.get("/api/v1/reports/queues", {"since": soon.isoformat(), "until": soon.isoformat()})
    assert (reply.status_code, reply.json()["detail"]) == (
        409, "The period ends before it begins. Choose a later end.",
    )  # fmt: skip
    assert api.get("/api/v1/reports/queues", {"interval": "5m"}).status_code == 400


def test_the_definitions_can_be_asked_for(api):
    found = api.get("/api/v1/reports/definitions").json()

    assert {each["key"] for each in found["definitions"]} >= {"offered", "occupancy_percent", "adherence_percent"}
    assert any("midnight" in rule for rule in found["rules"])
