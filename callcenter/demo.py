"""The demo's company: Northline Freight, a trucking firm with a dispatch desk and a billing desk.

Made of the same services that the admin calls. What is there stays as it is, so that loading it twice, or after
somebody changed something, does no harm. People and numbers are invented (+1 415 555 01xx is kept free for such).
"""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from apps.calls.models import Disposition
from apps.carrier import services as carrier
from apps.carrier.models import PhoneNumber
from apps.clients import services as clients
from apps.clients.models import Client
from apps.core import clock, roles
from apps.core.models import User
from apps.destinations import services as destinations
from apps.destinations.models import Destination
from apps.hours import services as hours
from apps.hours.models import Holiday, Schedule
from apps.ivr import services as ivr
from apps.ivr.models import Flow, Menu, Option, Prompt
from apps.operators import services as operators
from apps.operators.models import BreakReason, Operator, Team
from apps.people import services as people
from apps.people.models import Person
from apps.routing import services as routing
from apps.routing.models import Condition, Rule
from apps.routing.truth import GroupView
from callcenter import demo_queues
from callcenter.demo_rows import one

NAME = "Northline Freight"
MAIN, DISPATCH, OFFICE = "+14155550100", "+14155550101", "+14155550102"

# Name, company, number, tags, lists.
PEOPLE: list[tuple[str, str, str, list[str], list[str]]] = [
    ("Bluebird Grocers, loading dock", "Bluebird Grocers", "+14155550110", ["shipper"], []),
    ("Cedar Furniture, shipping", "Cedar Furniture", "+14155550111", ["shipper"], []),
    ("Harbor Paper Mill, logistics", "Harbor Paper Mill", "+14155550112", ["shipper", "VIP"], ["Gold customers"]),
    ("Redwood Farms, cold store", "Redwood Farms", "+14155550113", ["shipper", "VIP"], ["Gold customers"]),
    ("Driver, truck 7", NAME, "+14155550114", ["driver"], []),
    ("Driver, truck 12", NAME, "+14155550115", ["driver"], []),
    ("Driver, truck 31", NAME, "+14155550116", ["driver"], []),
    ("Quick Tire Service", "Quick Tire Service", "+14155550117", ["supplier"], []),
    ("Granite Fuel, accounts", "Granite Fuel", "+14155550118", ["supplier"], []),
    ("Caller who sells things", "", "+14155550119", [], ["Blocked callers"]),
]
# The team of operator1 to operator6.
OPERATORS = ["Dispatch", "Dispatch", "Dispatch", "Billing", "Billing", "Billing"]
DISPOSITIONS = [
    "Load booked", "Status given", "Driver helped", "Invoice question", "Complaint", "Call back later", "Wrong number",
]  # fmt: skip
ENDINGS = {
    "Office closed": "The office is closed. Our dispatchers answer day and night on the main number. Good-bye.",
    "All busy": "All of us are on the phone. Please try again in a few minutes. Good-bye.",
    "Not accepted": "This call cannot be taken. Good-bye.",
}
PROMPTS = {
    "Welcome": "Thank you for calling Northline Freight.",
    "Main menu": "For dispatch, press 1. For billing, press 2. For dispatch in Spanish, press 3. To hear this again, "
    "press 0.",
    "Wrong key": "Sorry, that is not one of the choices.",
    "No key": "We did not hear a key.",
}
BREAKS = {"Lunch": 1800, "Short break": 600, "Training": 0}


@transaction.atomic
def load_minimal(password: str) -> Client:
    """A house that somebody can enter: the login `admin`, and the first client."""
    client = Client.objects.active().order_by("pk").first() or clients.create_client(name="Main")
    _user("admin", password, roles.ADMINISTRATOR, client, first_name="Administrator", superuser=True)
    return client


@transaction.atomic
def load(password: str) -> Client:
    """The whole company; returns its client."""
    client = _company()
    _user("admin", password, roles.ADMINISTRATOR, client, first_name="Administrator", superuser=True)
    supervisor = _user("supervisor", password, roles.SUPERVISOR, client, first_name="Supervisor")
    _words(client)
    staff = _staff(client, password, supervisor)
    _people(client)
    always, office = _schedules(client)
    endings = _endings(client)
    lines = demo_queues.load(client, staff, always, endings)
    menu = _voice_menu(client, lines)
    _numbers(client, menu, lines)
    if not client.caller_id:
        clients.change_client(client, caller_id=MAIN)
    _rules(client, office, endings, lines)
    return client


def _company() -> Client:
    client = Client.objects.filter(name=NAME).first()
    if client is not None:
        return client
    fields: dict[str, Any] = {"time_zone": "America/Los_Angeles", "max_concurrent_calls": 30}
    first = Client.objects.filter(name="Main", slug="main").first()
    untouched = first is not None and not (
        first.queues.exists() or first.phone_numbers.exists() or first.teams.exists()
    )
    if first is not None and untouched and Client.objects.count() == 1:
        return clients.change_client(first, name=NAME, slug="northline-freight", **fields)
    return clients.create_client(name=NAME, **fields)


def _user(name: str, password: str, role: str, client: Client, *, superuser: bool = False, **details: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        make = User.objects.create_superuser if superuser else User.objects.create_user
        user = make(name, f"{name}@example.com", password, **details)
        user.groups.add(Group.objects.get(name=role))
        user.clients.add(client)
    return user


def _words(client: Client) -> None:
    for position, name in enumerate(DISPOSITIONS):
        Disposition.objects.get_or_create(client=client, name=name, defaults={"position": position})
    for name, limit in BREAKS.items():
        BreakReason.objects.get_or_create(client=client, name=name, defaults={"limit_seconds": limit})


def _staff(client: Client, password: str, supervisor: User) -> list[Operator]:
    teams = {}
    for name in ("Dispatch", "Billing"):
        teams[name], made = Team.objects.get_or_create(client=client, name=name)
        if made:
            teams[name].supervisors.add(supervisor)
    staff = []
    for n, team in enumerate(OPERATORS, start=1):
        user = _user(f"operator{n}", password, roles.OPERATOR, client, first_name="Operator", last_name=str(n))
        operator = operators.for_user(user)
        if operator is None:
            operator = operators.add_operator(user, teams[team], extension=f"10{n}")
        staff.append(operator)
    return staff


def _people(client: Client) -> None:
    for name, company, number, tags, lists in PEOPLE:
        if not Person.objects.filter(client=client, name=name).exists() and not people.find_by_number(client, number):
            people.add_person(client, name=name, company=company, numbers=[(number, "office")], tags=tags, lists=lists)


def _schedules(client: Client) -> tuple[Schedule, Schedule]:
    always = one(
        Schedule, client, "Always open", lambda name: hours.create_schedule(client, name=name, week=hours.ALWAYS)
    )
    return always, one(Schedule, client, "Office hours", lambda name: _office_hours(client, name))


def _office_hours(client: Client, name: str) -> Schedule:
    week = {weekday: [(datetime.time(8), datetime.time(18))] for weekday in range(5)}
    week[5] = [(datetime.time(9), datetime.time(13))]
    schedule = hours.create_schedule(client, name=name, week=week)
    year = clock.now().year
    half_day = {"opens": datetime.time(8), "closes": datetime.time(12)}
    Holiday.objects.create(schedule=schedule, date=datetime.date(year, 12, 24), name="Christmas Eve", **half_day)
    Holiday.objects.create(schedule=schedule, date=datetime.date(year, 12, 25), name="Christmas Day")
    Holiday.objects.create(schedule=schedule, date=datetime.date(year + 1, 1, 1), name="New Year's Day")
    return schedule


def _endings(client: Client) -> dict[str, Destination]:
    def outside(label: str) -> Destination:
        return destinations.add_outside_number(client, label=label, number="+14155550190").destination

    def ending(label: str) -> Destination:
        return destinations.add_ending(client, label=label, message=ENDINGS[label]).destination

    makers = {"Night dispatcher": outside, **dict.fromkeys(ENDINGS, ending)}
    return {label: one(Destination, client, label, make, field="label") for label, make in makers.items()}


def _voice_menu(client: Client, lines: dict[str, Destination]) -> Destination:
    prompts = {
        name: one(Prompt, client, name, lambda name: ivr.add_prompt(client, name=name, text=PROMPTS[name]))
        for name in PROMPTS
    }

    def make(name: str) -> Flow:
        flow = ivr.create_flow(client, name=name, greeting=prompts["Welcome"])
        menu = Menu(
            flow=flow, name="Main", prompt=prompts["Main menu"], invalid_prompt=prompts["Wrong key"],
            silence_prompt=prompts["No key"], otherwise=lines["Dispatch"],
        )  # fmt: skip
        ivr.save_menu(
            menu,
            [
                Option(key="1", label="Dispatch", destination=lines["Dispatch"]),
                Option(key="2", label="Billing", destination=lines["Billing"]),
                Option(key="3", label="Dispatch in Spanish", destination=lines["Dispatch in Spanish"]),
                Option(key="0", label="Hear this again", next_menu=menu),
            ],
        )
        return ivr.switch(Flow.objects.get(pk=flow.pk), on=True)

    return one(Flow, client, "Main menu", make).destination


def _numbers(client: Client, menu: Destination, lines: dict[str, Destination]) -> None:
    for number, label, destination in [
        (MAIN, "Main line", menu),
        (DISPATCH, "Dispatch direct", lines["Dispatch"]),
        (OFFICE, "Office line", lines["Billing"]),
    ]:
        if not PhoneNumber.objects.filter(number=number).exists():
            carrier.register_number(client, number=number, label=label, destination=destination)


def _rules(client: Client, office: Schedule, endings: dict[str, Destination], lines: dict[str, Destination]) -> None:
    subject = Condition.Subject
    rules = {
        "Blocked callers": (endings["Not accepted"], [Condition(subject=subject.CALLER_LIST, value="Blocked callers")]),
        "Gold customers go to dispatch at once": (
            lines["Dispatch"],
            [
                Condition(subject=subject.CALLER_LIST, value="Gold customers"),
                Condition(subject=subject.NUMBER, value=MAIN),
            ],
        ),
        "Our drivers go to dispatch at once": (
            lines["Dispatch"],
            [Condition(subject=subject.CALLER_TAG, value="driver"), Condition(subject=subject.NUMBER, value=MAIN)],
        ),
        "Office line outside office hours": (
            endings["Office closed"],
            [
                Condition(subject=subject.NUMBER, value=OFFICE),
                Condition(subject=subject.OPEN, negated=True, value=office.name),
            ],
        ),
    }

    def make(name: str) -> Rule:
        destination, conditions = rules[name]
        group = GroupView(tuple(condition.view for condition in conditions))
        return routing.save_rule(Rule(client=client, name=name, destination=destination), [group])

    for name in rules:
        one(Rule, client, name, make)
