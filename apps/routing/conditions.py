"""What the value of a condition may be: checked when it is written, so that a rule never speaks of nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError

from apps.carrier.models import PhoneNumber
from apps.clients.models import Client
from apps.core import numbers
from apps.hours.models import Schedule
from apps.operators.models import Skill
from apps.people.models import PersonList, Tag
from apps.queues.models import Queue
from apps.routing import truth
from apps.routing.truth import ConditionView, GroupView

MOST_GROUPS, MOST_CONDITIONS = 20, 20
Named = type[Tag | PersonList | Schedule | Queue | Skill]
# Which model's names a subject speaks of, and what people call it.
NAMES_OF: dict[str, tuple[Named, str]] = {
    truth.CALLER_TAG: (Tag, "tag"),
    truth.CALLER_LIST: (PersonList, "list of people"),
    truth.OPEN: (Schedule, "schedule"),
    truth.HOLIDAY: (Schedule, "schedule"),
    truth.QUEUE_WAITING: (Queue, "queue"),
    truth.QUEUE_LONGEST_WAIT: (Queue, "queue"),
    truth.QUEUE_FREE: (Queue, "queue"),
    truth.SKILL_AVAILABLE: (Skill, "skill"),
}
UNITS = {
    truth.SINCE_LAST_CALL: "minutes",
    truth.QUEUE_WAITING: "callers",
    truth.QUEUE_LONGEST_WAIT: "seconds",
    truth.QUEUE_FREE: "operators",
    truth.SKILL_AVAILABLE: "operators",
}


@dataclass(frozen=True)
class Cleaned:
    """Groups as the engine compares them, and what is wrong, by the place of group and condition."""

    groups: tuple[GroupView, ...]
    faults: dict[tuple[int, int], str]


def clean_groups(client: Client, groups: Sequence[GroupView]) -> Cleaned:
    """`groups` without empty ones, with each value cleaned as `clean` does it."""
    if len(groups) > MOST_GROUPS or any(len(group.conditions) > MOST_CONDITIONS for group in groups):
        sentence = f"A rule has at most {MOST_GROUPS} groups of {MOST_CONDITIONS} conditions. Make two rules of it."
        return Cleaned((), {(0, 0): sentence})
    faults: dict[tuple[int, int], str] = {}
    kept: list[GroupView] = []
    for place, group in enumerate(groups):
        conditions = []
        for nth, condition in enumerate(group.conditions):
            try:
                conditions.append(clean(client, condition))
            except ValidationError as error:
                faults[place, nth] = error.messages[0]
        if conditions:
            kept.append(GroupView(tuple(dict.fromkeys(conditions)), group.match))
    return Cleaned(tuple(kept), faults)


def clean(client: Client, condition: ConditionView) -> ConditionView:
    """`condition` as the engine compares it: a value that its subject knows, a number where one is compared.

    Raises ValidationError with a sentence.
    """
    if condition.subject not in truth.SUBJECTS:
        raise ValidationError("Choose what is asked.")
    value = clean_value(client, condition.subject, condition.value)
    if condition.subject not in truth.MEASURED:
        return replace(condition, value=value, number=None)
    if condition.number is None or condition.number < 0 or condition.number > 100_000:
        raise ValidationError(f"Write how many {UNITS[condition.subject]}: a number from 0 to 100,000.")
    if condition.number == 0:
        held = "never" if condition.negated else "always"
        raise ValidationError(f"Write a number above 0: this would {held} hold.")
    return replace(condition, value=value)


def clean_value(client: Client, subject: str, value: str) -> str:
    """`value` as the engine compares it. Raises ValidationError with a sentence when it names nothing of `client`."""
    text = value.strip()
    if subject in NAMES_OF:
        return _name(client, text, *NAMES_OF[subject])
    readers: dict[str, Callable[[Client, str], str]] = {
        truth.NUMBER: _our_number,
        truth.CALLER: lambda client, text: numbers.normalise(text, client.country),
        truth.CALLER_PREFIX: _prefix,
        truth.COUNTRY: _country,
        truth.KNOWN_CALLER: _yes_or_no,
        truth.CALLED_BEFORE: _yes_or_no,
        truth.LANGUAGE: _language,
        truth.DIGITS: _digits,
        truth.DIGITS_PREFIX: _digits,
        truth.SINCE_LAST_CALL: lambda client, text: "",
    }
    return readers[subject](client, text)


def suggestions(client: Client) -> dict[str, list[str]]:
    """The values that can be chosen, by subject; what is typed freely (numbers of callers) is left out."""
    names = {model: list(_names(client, model)) for model, _ in dict.fromkeys(NAMES_OF.values())}
    return {
        truth.NUMBER: list(PhoneNumber.objects.filter(client=client).values_list("number", flat=True)),
        truth.KNOWN_CALLER: [truth.YES, truth.NO],
        truth.CALLED_BEFORE: [truth.YES, truth.NO],
        truth.COUNTRY: numbers.countries(),
        **{subject: names[model] for subject, (model, _) in NAMES_OF.items()},
    }


def _names(client: Client, model: Named) -> Sequence[str]:
    return model.objects.filter(client=client).values_list("name", flat=True)


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


def _country(client: Client, text: str) -> str:
    code = text.upper()
    if not numbers.calling_code(code):
        raise ValidationError("Write the country as two letters, for example US, MX or GB.")
    return code


def _language(client: Client, text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", text) or len(text) > 16:
        raise ValidationError("Write the language as it is abbreviated: en, es, or with its region es-MX.")
    language, *rest = text.split("-")
    return "-".join([language.lower(), *(part.upper() if len(part) == 2 else part.title() for part in rest)])


def _digits(client: Client, text: str) -> str:
    if not re.fullmatch(r"[0-9*#]{1,40}", text):
        raise ValidationError("Write the keys in the order in which they are pressed: 0 to 9, * and #.")
    return text


def _yes_or_no(client: Client, text: str) -> str:
    if text.lower() not in (truth.YES, truth.NO):
        raise ValidationError("Write yes or no.")
    return text.lower()


def _name(client: Client, text: str, model: Named, what: str) -> str:
    names = list(_names(client, model))
    found = next((name for name in names if name.lower() == text.lower()), None)
    if found is None:
        raise ValidationError(f"There is no {what} named “{text}”. {_choices(names, f'Make the {what} first.')}")
    return found


def _choices(names: Sequence[str], when_none: str) -> str:
    if not names:
        return when_none
    return f"Choose one of: {', '.join(names[:8])}{' …' if len(names) > 8 else ''}."
