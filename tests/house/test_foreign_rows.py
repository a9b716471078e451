"""No row of one client can be made to point at a row of another: not through the API, not through a form."""

from __future__ import annotations

from copy import copy
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import RequestFactory

from apps.calls.models import Call, Disposition
from apps.campaigns.models import Campaign, ContactList
from apps.carrier.models import PhoneNumber
from apps.core.models import User
from apps.destinations.models import Destination
from apps.hours.models import Schedule
from apps.ivr.models import Flow, Menu, Prompt
from apps.operators.models import BreakReason, Operator, Skill, Team
from apps.people.models import Person, PersonList
from apps.queues.models import Queue
from apps.routing.models import Rule
from tests import factories
from tests.house.doors import Doors
from tests.house.world import ADMIN

pytestmark = pytest.mark.django_db

MIGHTY = "mighty"


@pytest.fixture
def house(doors) -> dict[str, Any]:
    """Client B with rows of its own to change, by somebody of B who may do everything."""
    b = doors.world.b
    user = factories.UserFactory(username="mighty-of-b", clients=[b], is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    operator = factories.OperatorFactory(user=user, team__client=b, presence="available")
    doors.come_in(MIGHTY, user)
    menu = factories.MenuFactory(flow__client=b)
    return {
        "doors": doors, "client": b, "operator": operator, "menu": menu, "flow": menu.flow, "prompt": menu.prompt,
        "ending": factories.EndingFactory(client=b).destination, "queue": factories.QueueFactory(client=b),
        "number": factories.PhoneNumberFactory(client=b), "rule": factories.RuleFactory(client=b),
        "schedule": factories.ScheduleFactory(client=b),
        "call": factories.CallFactory(client=b, operator=operator), "person": factories.PersonFactory(client=b),
        "skill": factories.SkillFactory(client=b), "list": factories.ContactListFactory(client=b),
        "campaign": factories.CampaignFactory(client=b),
    }  # fmt: skip


# What is sent as it is for client B: the names stand for B's rows ("=flow"), so that all of it is right but one field.
NUMBER = {"client": "=client", "number": "+14155550199", "label": "New", "destination": "=ending"}
QUEUE = {"client": "=client", "name": "New", "overflow": "=ending"}
FLOW = {"client": "=client", "name": "New", "greeting": "=prompt"}
MENU = {"flow": "=flow", "name": "New", "prompt": "=prompt", "options": [{"key": "1", "destination": "=ending"}]}
RULE = {"client": "=client", "name": "New", "position": 1, "destination": "=ending"}
CAMPAIGN = {"client": "=client", "name": "New", "contact_list": "=list", "queue": "=queue"}
DO_NOT_CALL = {"client": "=client", "number": "+14155550199", "source": "asked"}
TEAMLESS = {"user": "reader-of-a"}

# Method, address, body, field, the model whose row of client A is put there; 1: B's own administrator alone is refused
# (who sees both clients may choose A), 2: nobody may.
CASES = [
    ("POST", "phone-numbers", NUMBER, "client", "client", 1),
    ("POST", "phone-numbers", NUMBER, "destination", Destination, 2),
    ("PATCH", "phone-numbers/=number", {}, "destination", Destination, 2),
    ("POST", "queues", QUEUE, "client", "client", 1),
    ("POST", "queues", QUEUE, "overflow", Destination, 2),
    ("POST", "queues", QUEUE, "when_closed", Destination, 2),
    ("POST", "queues", QUEUE, "schedule", Schedule, 2),
    ("POST", "queues", QUEUE, "members", [Operator], 2),
    ("PATCH", "queues/=queue", {}, "client", "client", 2),
    ("PATCH", "queues/=queue", {}, "overflow", Destination, 2),
    ("PATCH", "queues/=queue", {}, "schedule", Schedule, 2),
    ("PATCH", "queues/=queue", {}, "members", [Operator], 2),
    ("PATCH", "queues/=queue", {}, "memberships", [{"operator": Operator}], 2),
    ("PATCH", "queues/=queue", {}, "requirements", [{"skill": Skill}], 2),
    ("PATCH", "queues/=queue", {}, "choices", [{"key": "1", "action": "go", "destination": Destination}], 2),
    ("PATCH", "queues/=queue", {}, "when_closed", Destination, 2),
    ("PATCH", "queues/=queue", {}, "callback_schedule", Schedule, 2),
    ("POST", "ivr/prompts", {"client": "=client", "name": "New", "text": "Hello"}, "client", "client", 1),
    ("PATCH", "ivr/prompts/=prompt", {}, "client", "client", 2),
    ("POST", "ivr/flows", FLOW, "client", "client", 1),
    ("POST", "ivr/flows", FLOW, "greeting", Prompt, 2),
    ("PATCH", "ivr/flows/=flow", {}, "client", "client", 2),
    ("PATCH", "ivr/flows/=flow", {}, "greeting", Prompt, 2),
    ("PATCH", "ivr/flows/=flow", {}, "start", Menu, 2),
    ("POST", "ivr/menus", MENU, "flow", Flow, 2),
    ("POST", "ivr/menus", MENU, "prompt", Prompt, 2),
    ("POST", "ivr/menus", MENU, "invalid_prompt", Prompt, 2),
    ("POST", "ivr/menus", MENU, "silence_prompt", Prompt, 2),
    ("POST", "ivr/menus", MENU, "otherwise", Destination, 2),
    ("POST", "ivr/menus", MENU, "options", [{"key": "1", "destination": Destination}], 2),
    ("POST", "ivr/menus", MENU, "options", [{"key": "1", "next_menu": Menu}], 2),
    ("PATCH", "ivr/menus/=menu", {}, "flow", Flow, 2),
    ("PATCH", "ivr/menus/=menu", {}, "options", [{"key": "1", "destination": Destination}], 2),
    ("PATCH", "ivr/menus/=menu", {}, "options", [{"key": "1", "next_menu": Menu}], 2),
    ("POST", "routing/rules", RULE, "client", "client", 1),
    ("POST", "routing/rules", RULE, "destination", Destination, 2),
    ("PATCH", "routing/rules/=rule", {}, "client", "client", 2),
    ("PATCH", "routing/rules/=rule", {}, "destination", Destination, 2),
    ("POST", "routing/rules", RULE, "fallback", Destination, 2),
    ("PATCH", "routing/rules/=rule", {}, "fallback", Destination, 2),
    ("POST", "routing/rules/order", {"client": "=client", "rules": ["=rule"]}, "client", "client", 2),
    ("POST", "routing/rules/order", {"client": "=client", "rules": ["=rule"]}, "rules", [Rule], 2),
    ("POST", "routing/rules/try", {"number": "=number"}, "number", PhoneNumber, 1),
    ("POST", "people", {"client": "=client", "name": "New"}, "client", "client", 1),
    ("PATCH", "people/=person", {}, "client", "client", 2),
    ("PATCH", "people/=person", {}, "own_operator", Operator, 2),
    ("POST", "destinations", {"client": "=client", "kind": "ending", "label": "New"}, "client", "client", 1),
    ("PATCH", "destinations/=ending", {}, "client", "client", 2),
    ("POST", "operators", TEAMLESS, "team", Team, 1),
    ("PATCH", "operators/=operator", {}, "team", Team, 2),
    ("PATCH", "operators/=operator", {}, "skills", [{"skill": Skill}], 2),
    ("POST", "skills", {"client": "=client", "name": "New"}, "client", "client", 1),
    ("PATCH", "skills/=skill", {}, "client", "client", 2),
    ("PATCH", "operators/=operator", {}, "shift", Schedule, 2),
    ("POST", "schedules", {"client": "=client", "name": "New"}, "client", "client", 1),
    ("PATCH", "schedules/=schedule", {}, "client", "client", 2),
    ("POST", "operators/=operator/presence", {"status": "on_break"}, "reason", BreakReason, 2),
    ("POST", "operators/messages", {"text": "Fog"}, "operators", [Operator], 2),
    ("POST", "operators/messages", {"text": "Fog"}, "team", Team, 2),
    ("POST", "operators/messages", {"text": "Fog"}, "queue", Queue, 2),
    ("PATCH", "calls/=call", {}, "disposition", Disposition, 2),
    ("POST", "calls", {"to": "+12125550142"}, "person", Person, 2),
    ("POST", "campaigns", CAMPAIGN, "client", "client", 1),
    ("POST", "campaigns", CAMPAIGN, "contact_list", ContactList, 2),
    ("POST", "campaigns", CAMPAIGN, "queue", Queue, 2),
    ("POST", "campaigns", CAMPAIGN, "destination", Destination, 2),
    ("POST", "campaigns", CAMPAIGN, "schedule", Schedule, 2),
    ("POST", "campaigns", CAMPAIGN, "retry_rules", [{"disposition": Disposition}], 2),
    ("PATCH", "campaigns/=campaign", {}, "client", "client", 2),
    ("PATCH", "campaigns/=campaign", {}, "contact_list", ContactList, 2),
    ("PATCH", "campaigns/=campaign", {}, "queue", Queue, 2),
    ("PATCH", "campaigns/=campaign", {}, "destination", Destination, 2),
    ("PATCH", "campaigns/=campaign", {}, "schedule", Schedule, 2),
    ("PATCH", "campaigns/=campaign", {}, "retry_rules", [{"disposition": Disposition}], 2),
    ("POST", "contact-lists", {"client": "=client", "name": "New"}, "client", "client", 1),
    ("PATCH", "contact-lists/=list", {}, "client", "client", 2),
    ("POST", "do-not-call", DO_NOT_CALL, "client", "client", 1),
    ("POST", "do-not-call", DO_NOT_CALL, "campaign", Campaign, 2),
]  # fmt: skip


def filled(value: Any, house: dict[str, Any]) -> Any:
    """`value` with "=name" replaced by the identifier of B's row."""
    if isinstance(value, dict):
        return {key: filled(inner, house) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, house) for inner in value]
    return str(house[value[1:]].public_id) if isinstance(value, str) and value.startswith("=") else value


def of_a(value: Any, doors: Doors) -> Any:
    """`value` with models replaced by the identifier of A's row."""
    if isinstance(value, dict):
        return {key: of_a(inner, doors) for key, inner in value.items()}
    if isinstance(value, list):
        return [of_a(inner, doors) for inner in value]
    if value == "client":
        return str(doors.world.a.public_id)
    return str(doors.world.of_a[value].public_id) if isinstance(value, type) else value


def send(house: dict[str, Any], who: str, method: str, path: str, body: dict[str, Any]):
    address = "/api/v1/" + "/".join(filled(part, house) for part in path.split("/"))
    return house["doors"].send(method, address, who, body)


def named(case) -> str:
    method, path, _body, field, value, _who = case
    return f"{method} {path} {field}{'.next_menu' if 'next_menu' in str(value) else ''}"


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_row_of_another_client_is_refused(case, house):
    method, path, body, field, value, nobody = case
    sent = {**filled(body, house), field: of_a(value, house["doors"])}

    reply = send(house, MIGHTY, method, path, sent)
    assert reply.status_code in (400, 409), f"{reply.status_code} {reply.content[:300]}"
    assert field in reply.json()["fields"], "Refused for another reason."
    if nobody == 2:
        reply = send(house, ADMIN, method, path, sent)
        assert reply.status_code in (400, 409), f"An administrator may: {reply.status_code} {reply.content[:300]}"


def test_what_is_sent_is_right_but_for_the_row_of_another_client(house):
    """Otherwise the cases above would be refused for another reason."""
    house["rule"].delete()  # a second one without conditions would never apply
    for path, body in {
        "phone-numbers": NUMBER, "queues": QUEUE, "ivr/flows": FLOW, "ivr/menus": MENU, "routing/rules": RULE,
        "people": {"client": "=client", "name": "New"}, "campaigns": CAMPAIGN,
    }.items():  # fmt: skip
        reply = send(house, MIGHTY, "POST", path, filled(body, house))
        assert reply.status_code == 201, f"{path}: {reply.content[:300]}"


def test_every_writable_reference_of_the_api_has_a_case(house):
    from rest_framework import serializers
    from rest_framework.relations import ManyRelatedField, RelatedField

    from callcenter.api import router

    def references(serializer, prefix=""):
        for name, field in serializer.fields.items():
            inner = getattr(field, "child", getattr(field, "child_relation", field))
            if field.read_only:
                continue
            if isinstance(inner, serializers.Serializer):
                yield from references(inner, f"{prefix}{name}.")
            elif isinstance(inner, RelatedField) or isinstance(field, ManyRelatedField):
                yield prefix + name

    written = {(path.split("/=")[0], field) for _method, path, _body, field, _value, _who in CASES}
    missing = []
    for path, viewset, _name in router.registry:
        if {"post", "patch", "put"} & set(viewset.http_method_names) and hasattr(viewset, "update"):
            found = references(viewset.serializer_class())
            missing += [f"{path} {name}" for name in found if (path, name.partition(".")[0]) not in written]

    assert missing == ["operators user"], "Give each a case above (users are named by their login)."


@pytest.mark.parametrize("model", [Queue, Rule, Flow, Menu, PhoneNumber, Call])
def test_the_admin_does_not_open_what_belongs_to_another_client(model, house):
    row = house["doors"].world.of_a[model]
    address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{row.pk}/change/"

    reply = house["doors"].send("POST", address, MIGHTY, {"name": "taken over"})

    assert reply.status_code == 403 or reply.headers["Location"] == "/admin/"


def test_no_form_of_the_admin_ties_rows_of_two_clients_together_whoever_fills_it_in(house):
    request = RequestFactory().get("/")
    request.user = house["doors"].world.people[ADMIN]
    of_b = [row for row in house.values() if type(row) in admin.site._registry and type(row) is not Call]
    accepted, tried = [], 0
    for form_class, instance, given in forms_about([*of_b, PersonList(client=house["client"])], request):
        for name, field in form_class.base_fields.items():
            if not isinstance(field, forms.ModelChoiceField) or name in ("client", given):
                continue
            if field.queryset.model is User:
                continue
            chosen = house["doors"].world.of_a[field.queryset.model].pk
            sent = {name: [chosen] if isinstance(field, forms.ModelMultipleChoiceField) else chosen}
            form = form_class(sent | {"client": house["client"].pk}, instance=copy(instance))
            tried += 1
            if name not in form.errors and "__all__" not in form.errors:
                accepted.append(f"{type(instance).__name__}.{name}")

    assert tried > 12
    assert accepted == []


def forms_about(rows, request):
    """The admin's form of each row, and those of the rows that are edited on its page.

    With each comes what it would save, and the field that the page fills in whatever is sent.
    """
    for row in rows:
        model_admin = admin.site._registry[type(row)]
        if row.pk is None:
            yield model_admin.get_form(request, None, change=False), row, ""
            continue
        shown = model_admin.get_object(request, str(row.pk))
        yield model_admin.get_form(request, shown, change=True), shown, ""
        for inline in model_admin.get_inline_instances(request, shown):
            formset = inline.get_formset(request, shown)
            yield formset.form, formset.model(**{formset.fk.name: row}), formset.fk.name
