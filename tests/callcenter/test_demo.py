import io
from datetime import datetime

import pytest
from django.core.management import CommandError, call_command

from apps.campaigns.models import Campaign, ContactNumber
from apps.carrier import policy
from apps.carrier.models import PhoneNumber
from apps.clients.models import Client
from apps.core import clock
from apps.core.models import Event, User
from apps.destinations.models import Destination, OutsideNumber
from apps.hours import services as hours
from apps.hours.models import Schedule
from apps.ivr.models import Flow
from apps.operators.models import Operator, OperatorSkill, Skill
from apps.people.models import PersonNumber
from apps.queues import advice
from apps.queues.models import Choice, Membership, Queue, SkillRelaxation, SkillRequirement
from apps.routing import services as routing
from apps.routing import warnings
from apps.routing.models import Rule
from callcenter import demo
from tests.factories import QueueFactory

pytestmark = pytest.mark.django_db

UNKNOWN = "+14155550123"


@pytest.fixture
def loaded(settings):
    settings.DEMO_PASSWORD = "a-demo-password"
    call_command("demo", verbosity=0)


def leads(number: str, caller: str) -> str:
    answer = routing.try_sample(PhoneNumber.objects.get(number=number), caller)
    return answer.destination.label


def everything() -> list[int]:
    models = (
        User, Operator, Queue, Rule, PersonNumber, Schedule, Destination, Event, Choice, Membership, OperatorSkill,
        SkillRequirement, SkillRelaxation, Campaign, ContactNumber,
    )  # fmt: skip
    return [model.objects.count() for model in models]


def test_the_demo_is_a_whole_company(loaded):
    client = Client.objects.get()
    assert client.name == "Northline Freight"
    assert {user.username for user in User.objects.all()} == {
        "admin", "supervisor", *(f"operator{n}" for n in range(1, 7)),
    }  # fmt: skip
    assert [operator.user.username for operator in Operator.objects.order_by("extension")] == [
        "supervisor", *(f"operator{n}" for n in range(1, 7)),
    ]  # fmt: skip
    assert {queue.name: queue.memberships.count() for queue in Queue.objects.all()} == {
        "Dispatch": 4, "Billing": 4, "Dispatch in Spanish": 3,
    }  # fmt: skip
    assert Flow.objects.get().active
    assert {row.name: (row.mode, row.status) for row in Campaign.objects.all()} == {
        "Contract renewals": ("preview", "draft"), "Office closed on the holiday": ("agentless", "draft"),
    }  # fmt: skip
    assert ContactNumber.objects.count() == 4
    assert all(user.check_password("a-demo-password") for user in User.objects.all())
    assert all(user.clients.get() == client for user in User.objects.all())


def test_a_caller_whom_nobody_knows_hears_the_menu(loaded):
    assert leads(demo.MAIN, UNKNOWN) == "Main menu"
    assert leads(demo.DISPATCH, UNKNOWN) == "Dispatch"


def test_the_examples_of_rules_do_what_they_say(loaded):
    assert leads(demo.MAIN, "+14155550112") == "Dispatch", "a gold customer"
    assert leads(demo.MAIN, "+14155550115") == "Dispatch", "a driver"
    assert leads(demo.MAIN, "+14155550119") == "Not accepted"
    assert leads(demo.MAIN, "+14155550117") == "Main menu", "a supplier"


def test_the_office_line_keeps_office_hours(loaded):
    hours.close_now(Schedule.objects.get(name="Office hours"))
    assert leads(demo.OFFICE, UNKNOWN) == "Office closed"
    assert leads(demo.MAIN, UNKNOWN) == "Main menu", "the demo works at night"


def test_spanish_is_asked_for_and_less_of_it_the_longer_a_caller_waits(loaded):
    queue = Queue.objects.get(name="Dispatch in Spanish")
    assert [(row.skill.name, row.level) for row in queue.requirements.all()] == [("Dispatch", 5), ("Spanish", 6)]
    assert [(row.after_seconds, row.level) for row in queue.relaxations.all()] == [(20, 4), (40, 3), (60, 0)]
    assert {member.operator.user.username: member.tier for member in queue.memberships.all()} == {
        "operator2": 1, "operator4": 2, "operator5": 1,
    }  # fmt: skip


def test_who_waits_in_vain_is_passed_from_queue_to_queue_and_then_out_of_the_house(loaded):
    spanish, dispatch = Queue.objects.get(name="Dispatch in Spanish"), Queue.objects.get(name="Dispatch")
    assert (spanish.overflow, dispatch.overflow.label) == (dispatch.destination, "Night dispatcher")


def test_every_queue_of_the_demo_offers_a_callback_and_leaves_nothing_to_worry_about(loaded):
    for queue in Queue.objects.all():
        assert [(choice.key, choice.action) for choice in queue.choices.all()] == [("1", "callback")]
        assert [found.sentence for found in advice.of(queue)] == []


def test_the_demo_of_before_skills_gets_the_new_queue_and_keeps_what_it_had(loaded):
    Queue.objects.filter(name="Dispatch in Spanish").delete()
    Skill.objects.filter(name="Dispatch").delete()
    Queue.objects.filter(name="Dispatch").update(max_wait_seconds=77)
    call_command("demo", verbosity=0)
    assert Queue.objects.get(name="Dispatch in Spanish").requirements.count() == 2
    assert Skill.objects.get(name="Dispatch").operator_skills.count() == 5
    assert Queue.objects.get(name="Dispatch").max_wait_seconds == 77


def test_loading_it_again_changes_nothing(loaded):
    PhoneNumber.objects.filter(number=demo.DISPATCH).update(label="Renamed by a manager")
    before = everything()
    call_command("demo", verbosity=0)
    assert everything() == before
    assert PhoneNumber.objects.get(number=demo.DISPATCH).label == "Renamed by a manager"


def test_every_number_of_the_demo_may_be_dialled(loaded):
    for model in (PhoneNumber, PersonNumber, OutsideNumber):
        for number in model.objects.values_list("number", flat=True):
            policy.check_destination(number)


def test_a_company_that_has_begun_is_left_alone(settings):
    settings.DEMO_PASSWORD = "a-demo-password"
    mine = QueueFactory(client=Client.objects.get(slug="main")).client
    call_command("demo", verbosity=0)
    mine.refresh_from_db()
    assert mine.name == "Main"
    assert Client.objects.get(name="Northline Freight").queues.count() == 3


def test_minimal_is_one_login_and_the_first_client(settings):
    settings.DEMO_PASSWORD = "a-demo-password"
    out = io.StringIO()
    call_command("demo", "--minimal", stdout=out)
    admin = User.objects.get()
    assert (admin.username, admin.is_superuser, admin.clients.get().name) == ("admin", True, "Main")
    assert "a-demo-password" not in out.getvalue()
    assert not Queue.objects.exists()


def test_production_has_no_demo_logins(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="not in production"):
        call_command("demo")
    assert not User.objects.exists()


def test_the_office_keeps_the_countrys_holidays_but_for_two_and_a_half_day_of_its_own(loaded):
    office = Schedule.objects.get(name="Office hours")
    at = datetime(clock.now().year + 1, 11, 11, 10, tzinfo=office.time_zone)

    assert {row.name: row.treatment for row in office.public_holidays.all()} == {
        "Columbus Day": "work", "Veterans Day": "hours",
    }  # fmt: skip
    assert [row.name for row in office.holidays.all()] == ["Christmas Eve"]
    assert not hours.is_open(office, at.replace(month=7, day=4))
    assert not hours.is_open(office, at.replace(hour=13))


def test_who_speaks_spanish_is_sent_to_who_speaks_it_and_to_dispatch_when_nobody_can(loaded):
    rule = Rule.objects.get(name="Spanish is spoken to who speaks it")

    assert leads(demo.MAIN, "+14155550111") == leads(demo.MAIN, "+525512345678") == "Dispatch in Spanish"
    assert leads(demo.DISPATCH, "+14155550111") == "Dispatch", "another number is asked for"
    assert [group.match for group in rule.groups.all()] == ["all", "any"]
    assert warnings.of_client(rule.client) == []

    Queue.objects.filter(name="Dispatch in Spanish").update(active=False)
    Destination.objects.filter(label="Dispatch in Spanish").update(active=False)
    assert leads(demo.MAIN, "+14155550111") == "Dispatch"


def test_everybody_of_the_demo_has_a_shift_to_keep_to(loaded):
    assert {operator.shift.name for operator in Operator.objects.select_related("shift")} == {"Day shift"}
