import datetime
from zoneinfo import ZoneInfo

import pytest
from rest_framework.test import APIClient

from apps.clients.models import Client
from apps.core import clock, roles
from apps.core.models import Event
from apps.hours import services as hours
from apps.hours.models import Period, Schedule
from tests.factories import ClientFactory, HolidayFactory, PeriodFactory, ScheduleFactory, UserFactory

pytestmark = pytest.mark.django_db

MONDAY_TEN = datetime.datetime(2026, 3, 2, 10, tzinfo=datetime.UTC)


def test_a_schedule_takes_the_zone_of_its_client():
    client = ClientFactory(time_zone="America/Chicago")
    schedule = hours.create_schedule(client, name="Office", week={0: [(datetime.time(9), datetime.time(17))]})
    assert schedule.time_zone == ZoneInfo("America/Chicago")
    assert not hours.is_open(schedule, MONDAY_TEN), "four in the morning there"


def test_open_always_has_a_period_for_each_day():
    schedule = hours.create_schedule(ClientFactory(), name="Always", week=hours.ALWAYS)
    assert schedule.periods.count() == 7
    assert hours.is_open(schedule)
    assert hours.in_words(schedule) == "always open"


def test_closing_by_hand_is_noted_once_and_undone_by_reopening():
    schedule = ScheduleFactory(always=True)
    hours.close_now(schedule)
    hours.close_now(schedule)
    assert not hours.is_open(schedule)
    assert hours.in_words(schedule) == "closed by hand"
    hours.reopen(schedule)
    assert hours.is_open(schedule)
    kinds = Event.objects.filter(subject=f"schedule:{schedule.public_id}").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["hours.closed", "hours.reopened"]


def test_words_say_until_when():
    schedule = ScheduleFactory()
    PeriodFactory(schedule=schedule)
    assert hours.in_words(schedule, MONDAY_TEN) == "open until 17:00"
    assert hours.in_words(schedule, MONDAY_TEN + datetime.timedelta(hours=8)) == "closed until 9 March 09:00"
    assert hours.in_words(schedule, MONDAY_TEN - datetime.timedelta(days=1)) == "closed until Monday 09:00"
    assert hours.in_words(ScheduleFactory(), MONDAY_TEN) == "never open"


def test_the_week_in_words_draws_equal_days_together():
    schedule = ScheduleFactory()
    for weekday in range(5):
        PeriodFactory(schedule=schedule, weekday=weekday)
    PeriodFactory(schedule=schedule, weekday=5, opens=datetime.time(10), closes=datetime.time(14))
    assert hours.week_in_words(schedule) == "Mon–Fri 09:00–17:00, Sat 10:00–14:00"
    assert hours.week_in_words(ScheduleFactory(always=True)) == "every day all day"


def test_a_holiday_of_today_closes_today():
    schedule = ScheduleFactory(always=True)
    HolidayFactory(schedule=schedule, date=clock.now().date())
    assert not hours.is_open(schedule)


@pytest.fixture
def supervisor(db):
    schedule = ScheduleFactory(always=True)
    user = UserFactory(role=roles.SUPERVISOR, clients=[schedule.client])
    api = APIClient()
    api.force_authenticate(user)
    return api, schedule


def test_the_api_tells_whether_a_schedule_is_open(supervisor):
    api, schedule = supervisor
    ScheduleFactory()  # of another client
    found = api.get("/api/v1/schedules/").json()
    assert [row["id"] for row in found["results"]] == [str(schedule.public_id)]
    assert found["results"][0]["open"] is True
    assert len(found["results"][0]["periods"]) == 7


def test_only_who_may_change_schedules_closes_one_over_the_api(supervisor):
    api, schedule = supervisor
    assert api.post(f"/api/v1/schedules/{schedule.public_id}/close/").status_code == 403
    assert Schedule.objects.get(pk=schedule.pk).closed_now is False
    api.force_authenticate(UserFactory(role=roles.ADMINISTRATOR))
    reply = api.post(f"/api/v1/schedules/{schedule.public_id}/close/")
    assert reply.status_code == 200
    assert reply.json()["open"] is False
    assert api.post(f"/api/v1/schedules/{schedule.public_id}/reopen/").json()["open"] is True


def _form(schedule_name, client, periods):
    form = {"name": schedule_name, "client": client.pk, "time_zone": "UTC", "holidays-TOTAL_FORMS": 0}
    form |= {"holidays-INITIAL_FORMS": 0, "periods-TOTAL_FORMS": len(periods), "periods-INITIAL_FORMS": 0}
    for n, (weekday, opens, closes) in enumerate(periods):
        form |= {f"periods-{n}-weekday": weekday, f"periods-{n}-opens": opens, f"periods-{n}-closes": closes}
    return form


def test_the_admin_proposes_a_business_week_and_saves_it(admin_client):
    Client.objects.update(time_zone="America/Chicago")
    page = admin_client.get("/admin/hours/schedule/add/").content.decode()
    assert '<option value="America/Chicago" selected' in page, "the only client and its zone are chosen already"
    assert page.count('value="09:00"') == 5
    weekdays = [(weekday, "09:00", "17:00") for weekday in range(5)]
    reply = admin_client.post("/admin/hours/schedule/add/", _form("Office", ClientFactory(), weekdays))
    assert reply.status_code == 302
    assert Period.objects.filter(schedule__name="Office").count() == 5


def test_the_admin_refuses_hours_that_overlap_or_end_before_they_begin(admin_client):
    client = ClientFactory()
    overlap = _form("Office", client, [(0, "09:00", "12:00"), (0, "11:00", "17:00")])
    page = admin_client.post("/admin/hours/schedule/add/", overlap).content.decode()
    assert "Two periods on Monday overlap" in page
    backwards = _form("Office", client, [(0, "17:00", "09:00")])
    page = admin_client.post("/admin/hours/schedule/add/", backwards).content.decode()
    assert "It must close after it opens" in page
    assert not Schedule.objects.filter(name="Office").exists()


def test_the_admin_closes_by_its_action_and_says_how_many(admin_client):
    schedule = ScheduleFactory(always=True)
    form = {"action": "close_chosen", "_selected_action": [schedule.pk]}
    page = admin_client.post("/admin/hours/schedule/", form, follow=True).content.decode()
    assert "1 closed, until you open them again." in page
    assert Schedule.objects.get(pk=schedule.pk).closed_now


def test_the_switch_on_the_page_is_written_to_the_log(admin_client):
    schedule = ScheduleFactory()
    form = {**_form(schedule.name, schedule.client, []), "closed_now": "on"}
    assert admin_client.post(f"/admin/hours/schedule/{schedule.pk}/change/", form).status_code == 302
    assert Schedule.objects.get(pk=schedule.pk).closed_now
    assert Event.objects.filter(kind="hours.closed").count() == 1
