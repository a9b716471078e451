"""The page of a schedule, and schedules over the API."""

import datetime

import pytest
from rest_framework.test import APIClient

from apps.core import clock, roles
from apps.core.models import Event
from apps.hours import calendar
from apps.hours.models import Schedule
from tests.factories import ClientFactory, HolidayFactory, PeriodFactory, ScheduleFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule():
    schedule = ScheduleFactory(name="Office", country="US", closed_message="We are closed.")
    PeriodFactory(schedule=schedule)
    return schedule


def form_of(schedule, **changes):
    """What the page would send unchanged, with `changes`."""
    names = calendar.public_names(schedule, clock.now())
    form = {
        "name": schedule.name, "client": schedule.client.pk, "time_zone": "UTC", "country": schedule.country,
        "region": "", "closed_message": schedule.closed_message, "closing_announcement": "",
        "closed_until_0": "", "closed_until_1": "", "periods-TOTAL_FORMS": 0, "periods-INITIAL_FORMS": 0,
        "holidays-TOTAL_FORMS": 0, "holidays-INITIAL_FORMS": 0, "public_holidays-TOTAL_FORMS": len(names),
        "public_holidays-INITIAL_FORMS": 0,
    }  # fmt: skip
    for n, name in enumerate(names):
        form |= {f"public_holidays-{n}-name": name, f"public_holidays-{n}-treatment": "closed"}
        form |= {f"public_holidays-{n}-opens": "", f"public_holidays-{n}-closes": ""}
    return form | changes


def address(schedule):
    return f"/admin/hours/schedule/{schedule.pk}/change/"


def test_the_page_lists_every_public_holiday_with_its_dates(admin_client, schedule):
    page = admin_client.get(address(schedule)).content.decode()

    year = clock.now().year
    assert "Thanksgiving Day" in page and "Juneteenth" in page
    assert f"25 Dec {year}" in page and f"25 Dec {year + 1}" in page
    assert "we work on this day" in page
    assert "Mon 09:00–17:00" in page and "The next days that differ" in page


def test_only_what_differs_from_closed_is_stored(admin_client, schedule):
    names = calendar.public_names(schedule, clock.now())
    n, m = names.index("Columbus Day"), names.index("Christmas Day")
    changes = {
        f"public_holidays-{n}-treatment": "work", f"public_holidays-{m}-treatment": "hours",
        f"public_holidays-{m}-opens": "09:00", f"public_holidays-{m}-closes": "12:00",
    }  # fmt: skip

    reply = admin_client.post(address(schedule), form_of(schedule, **changes))

    assert reply.status_code == 302, reply.content.decode()[-3000:]
    found = schedule.public_holidays.order_by("name").values_list("name", "treatment", "opens")
    assert list(found) == [("Christmas Day", "hours", datetime.time(9)), ("Columbus Day", "work", None)]
    assert "public" in Event.objects.get(kind="hours.changed").data["what"]


def test_other_hours_without_times_are_an_error_beside_them(admin_client, schedule):
    page = admin_client.post(address(schedule), form_of(schedule, **{"public_holidays-0-treatment": "hours"}))

    assert "Say from when to when." in page.content.decode()
    assert not schedule.public_holidays.exists()


def test_closing_on_the_page_keeps_announcement_and_end(admin_client, schedule):
    later = clock.now() + datetime.timedelta(days=1)
    changes = {
        "closed_now": "on", "closed_until_0": f"{later:%Y-%m-%d}", "closed_until_1": "12:00",
        "closing_announcement": "Closed because of the storm.",
    }  # fmt: skip

    reply = admin_client.post(address(schedule), form_of(schedule, **changes))

    assert reply.status_code == 302, reply.content.decode()[-3000:]
    schedule.refresh_from_db()
    assert schedule.closed_now and schedule.closing_announcement == "Closed because of the storm."
    assert f"{schedule.closed_until:%H:%M}" == "12:00"
    assert Event.objects.filter(kind="hours.closed").count() == 1
    form = form_of(schedule, closing_announcement="Closed because of the storm.")
    assert admin_client.post(address(schedule), form).status_code == 302
    schedule.refresh_from_db()
    assert (schedule.closed_now, schedule.closed_until) == (False, None)
    assert schedule.closing_announcement == "Closed because of the storm.", "kept for the next time"


def test_an_end_in_the_past_is_refused_beside_its_field(admin_client, schedule):
    changes = {"closed_now": "on", "closed_until_0": "2020-01-01", "closed_until_1": "12:00"}

    page = admin_client.post(address(schedule), form_of(schedule, **changes)).content.decode()

    assert "This moment is over." in page
    schedule.refresh_from_db()
    assert not schedule.closed_now


def test_contradictions_stand_beside_the_exceptions(admin_client, schedule):
    HolidayFactory(
        schedule=schedule, date=datetime.date(2026, 7, 6), last_date=datetime.date(2026, 7, 17), name="Summer break"
    )
    HolidayFactory(schedule=schedule, date=datetime.date(2026, 7, 13), name="Stock taking")

    page = admin_client.get(address(schedule)).content.decode()

    assert "Lies inside “Summer break”" in page


def test_a_span_that_ends_before_it_begins_is_an_error_beside_its_end(admin_client, schedule):
    changes = {
        "holidays-TOTAL_FORMS": 1, "holidays-0-date": "2026-07-10", "holidays-0-last_date": "2026-07-01",
        "holidays-0-name": "Summer",
    }  # fmt: skip

    page = admin_client.post(address(schedule), form_of(schedule, **changes)).content.decode()

    assert "It must end after it begins." in page
    assert not schedule.holidays.exists()


def test_the_preview_answers_for_any_moment_of_the_place(admin_client, schedule):
    page = admin_client.get(f"{address(schedule)}?at=2026-03-02T10:00").content.decode()
    assert "Open until 17:00" in page
    page = admin_client.get(f"{address(schedule)}?at=2026-03-02T20:00").content.decode()
    assert "Closed until" in page and "Callers hear: “We are closed.”" in page
    assert admin_client.get(f"{address(schedule)}?at=nonsense").status_code == 200


def test_close_until_is_meant_and_shown_by_the_clock_of_the_place(admin_client, schedule):
    clock.freeze(datetime.datetime(2026, 3, 2, 20, 30, tzinfo=datetime.UTC))  # half past twelve there
    until = {"closed_now": "on", "closed_until_0": "2026-03-02", "closed_until_1": "15:00"}

    answer = admin_client.post(address(schedule), form_of(schedule, time_zone="America/Los_Angeles", **until))

    schedule.refresh_from_db()
    page = admin_client.get(address(schedule)).content.decode()
    clock.release()
    assert answer.status_code == 302
    assert schedule.closed_until == datetime.datetime(2026, 3, 2, 23, 0, tzinfo=datetime.UTC)
    assert 'value="15:00:00"' in page and 'value="2026-03-02"' in page
    assert "Closed by hand until" in page or "closed by hand until" in page


def test_the_previews_field_shows_the_time_at_the_place_that_stands_beside_it(admin_client, schedule):
    Schedule.objects.filter(pk=schedule.pk).update(time_zone="America/Los_Angeles")
    clock.freeze(datetime.datetime(2026, 3, 2, 20, 30, tzinfo=datetime.UTC))

    now, asked = (
        admin_client.get(address(schedule) + query).content.decode() for query in ("", "?at=2026-03-02T10:00")
    )

    clock.release()
    assert "At this moment, America/Los_Angeles" in now
    assert 'name="at" value="2026-03-02T12:30"' in now
    assert 'name="at" value="2026-03-02T10:00"' in asked


def test_a_region_of_the_former_country_is_dropped_with_it(admin_client, schedule):
    Schedule.objects.filter(pk=schedule.pk).update(region="TX")
    schedule.refresh_from_db()

    assert admin_client.post(address(schedule), form_of(schedule, country="DE")).status_code == 302

    schedule.refresh_from_db()
    assert (schedule.country, schedule.region) == ("DE", "")


@pytest.fixture
def api():
    api = APIClient()
    api.force_authenticate(UserFactory(role=roles.ADMINISTRATOR))
    return api


WHOLE = {
    "name": "Support", "country": "US", "region": "TX",
    "periods": [{"weekday": 0, "opens": "09:00", "closes": "17:00"}],
    "holidays": [{"date": "2026-07-06", "last_date": "2026-07-10", "name": "Break"}],
    "public_holidays": [{"name": "Columbus Day", "treatment": "work"}],
}  # fmt: skip


def test_a_schedule_is_made_changed_and_deleted_over_the_api(api):
    client = ClientFactory(time_zone="America/Chicago")

    made = api.post("/api/v1/schedules", {**WHOLE, "client": str(client.public_id)}, format="json")

    assert made.status_code == 201, made.json()
    found = made.json()
    assert (found["time_zone"], found["region"]) == ("America/Chicago", "TX")
    assert found["holidays"] == [
        {"date": "2026-07-06", "last_date": "2026-07-10", "name": "Break", "opens": None, "closes": None}
    ]
    assert found["next_closed_days"][0].keys() == {"date", "until", "name", "closed", "words"}
    path = f"/api/v1/schedules/{found['id']}"
    changed = api.patch(path, {"periods": []}, format="json").json()
    assert changed["periods"] == [] and len(changed["holidays"]) == 1
    assert api.delete(path).status_code == 204
    assert not Schedule.objects.filter(name="Support").exists()


def test_what_cannot_be_is_refused_over_the_api(api):
    whole = {**WHOLE, "client": str(ClientFactory().public_id)}
    twice = [{"weekday": 0, "opens": "09:00", "closes": "17:00"}, {"weekday": 0, "opens": "16:00", "closes": "18:00"}]

    assert api.post("/api/v1/schedules", {**whole, "periods": twice}, format="json").status_code == 409
    assert api.post("/api/v1/schedules", {**whole, "country": "ZZ"}, format="json").status_code == 409
    assert not Schedule.objects.exists()


def test_closing_over_the_api_may_have_an_end_and_an_announcement(api, schedule):
    until = (clock.now() + datetime.timedelta(hours=1)).isoformat()

    reply = api.post(
        f"/api/v1/schedules/{schedule.public_id}/close", {"until": until, "announcement": "Storm."}, format="json"
    )

    assert reply.status_code == 200, reply.json()
    assert reply.json()["open"] is False and reply.json()["closing_announcement"] == "Storm."
    past = api.post(f"/api/v1/schedules/{schedule.public_id}/close", {"until": "2020-01-01T00:00Z"}, format="json")
    assert (past.status_code, past.json()["fields"]) == (409, {"closed_until": ["In the past."]})


def test_the_api_answers_for_any_moment(api, schedule):
    found = api.get(f"/api/v1/schedules/{schedule.public_id}/at", {"at": "2026-12-25T12:00Z"}).json()

    assert (found["open"], found["holiday"], found["message"]) == (False, True, "We are closed.")
    assert found["next_opening"] == "2026-12-28T09:00:00Z"
