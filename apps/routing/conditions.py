"""What the value of a condition may be: checked when it is written, so that a rule never speaks of nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.core.exceptions import ValidationError

from apps.carrier.models import PhoneNumber
from apps.clients.models import Client
from apps.core import numbers
from apps.hours.models import Schedule
from apps.people.models import PersonList, Tag
from apps.routing import engine
from apps.routing.models import Condition

Subject = Condition.Subject


def clean_value(client: Client, subject: str, value: str) -> str:
    """`value` as the engine compares it. Raises ValidationError with a sentence when it names nothing of `client`."""
    readers: dict[str, Callable[[Client, str], str]] = {
        Subject.NUMBER: _our_number,
        Subject.CALLER: lambda client, text: numbers.normalise(text, client.country),
        Subject.CALLER_PREFIX: _prefix,
        Subject.CALLER_TAG: lambda client, text: _name(Tag, client, text, "tag"),
        Subject.CALLER_LIST: lambda client, text: _name(PersonList, client, text, "list of people"),
        Subject.KNOWN_CALLER: _yes_or_no,
        Subject.OPEN: lambda client, text: _name(Schedule, client, text, "schedule"),
    }
    return readers[subject](client, value.strip())


def suggestions(client: Client) -> dict[str, list[str]]:
    """The values that can be chosen, by subject; what is typed freely (numbers of callers) is left out."""
    return {
        Subject.NUMBER: list(PhoneNumber.objects.filter(client=client).values_list("number", flat=True)),
        Subject.CALLER_TAG: list(Tag.objects.filter(client=client).values_list("name", flat=True)),
        Subject.CALLER_LIST: list(PersonList.objects.filter(client=client).values_list("name", flat=True)),
        Subject.KNOWN_CALLER: [engine.YES, engine.NO],
        Subject.OPEN: list(Schedule.objects.filter(client=client).values_list("name", flat=True)),
    }


def _our_number(client: Client, text: str) -> str:
    number = numbers.normalise(text, client.country)
    ours = list(PhoneNumber.objects.filter(client=client).values_list("number", flat=True))
    if number not in ours:
        raise ValidationError(f"{number} is not one of your numbers. {_choices(ours, 'Add a phone number first.')}")
    return number


def _prefix(client: Client, text: str) -> str:
    digits = re.sub(r"[\s().-]", "", text)
    if not re.fullmatch(r"\+[1-9]\d{0,13}", digits):
        raise ValidationError("Write how the number begins in international form: + and digits, for example +1415.")
    return digits


def _yes_or_no(client: Client, text: str) -> str:
    if text.lower() not in (engine.YES, engine.NO):
        raise ValidationError("Write yes (the caller is in your list of people) or no.")
    return text.lower()


def _name(model: type[Tag | PersonList | Schedule], client: Client, text: str, what: str) -> str:
    names = list(model.objects.filter(client=client).values_list("name", flat=True))
    found = next((name for name in names if name.lower() == text.lower()), None)
    if found is None:
        raise ValidationError(f"There is no {what} named “{text}”. {_choices(names, f'Make the {what} first.')}")
    return found


def _choices(names: list[str], when_none: str) -> str:
    if not names:
        return when_none
    return f"Choose one of: {', '.join(names[:8])}{' …' if len(names) > 8 else ''}."
