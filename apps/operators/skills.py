"""What operators can do, and how well."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import ProtectedError

from apps.core.announce import announce
from apps.core.refused import Refused
from apps.operators import signals
from apps.operators.models import Operator, OperatorSkill, Skill


@transaction.atomic
def set_skills(operator: Operator, levels: Iterable[tuple[Skill, int]]) -> Operator:
    """Make `levels` exactly what the operator can do, each from 1 to 10.

    Raises Refused for a skill of another client, a level out of range, and a skill that is named twice.
    """
    wanted = list(levels)
    if len({skill.pk for skill, _level in wanted}) < len(wanted):
        raise _bad_skills("A skill is named twice. Name each once, with its level.")
    for skill, level in wanted:
        if skill.client_id != operator.team.client_id:
            raise _bad_skills(f"{skill} belongs to another client. Choose skills of {operator.team.client}.")
        if not 1 <= level <= 10:
            raise _bad_skills(f"A level is from 1 (a little) to 10 (fluent), not {level}.")
    rows = OperatorSkill.objects.filter(operator=operator)
    rows.exclude(skill__in=[skill for skill, _level in wanted]).delete()
    for skill, level in wanted:
        OperatorSkill.objects.update_or_create(operator=operator, skill=skill, defaults={"level": level})
    skills_changed(operator)
    return operator


def skills_changed(operator: Operator) -> None:
    """What the operator can do is different: who waits for that may be offered at once."""
    announce(signals.operator_changed, operator_id=operator.pk, client_id=operator.team.client_id)


@transaction.atomic
def remove_skill(skill: Skill) -> None:
    """Take a skill out of the house, and from those who have it. Raises Refused while something asks for it."""
    try:
        skill.delete()
    except ProtectedError as error:
        users = ", ".join(sorted({str(row) for row in error.protected_objects}))
        raise Refused(
            f"{skill} is still asked for ({users}). Take it out there first, then delete it.", code="in_use"
        ) from error


def _bad_skills(sentence: str) -> Refused:
    return Refused(sentence, fields={"skills": [sentence]})
