from apps.operators.models.message import MessageCopy, OperatorMessage
from apps.operators.models.operator import (
    BreakReason,
    Engagement,
    Operator,
    OperatorQuerySet,
    OperatorSkill,
    PresenceSpan,
    Skill,
    Team,
    can_ring,
)

__all__ = [
    "BreakReason", "Engagement", "MessageCopy", "Operator", "OperatorMessage", "OperatorQuerySet", "OperatorSkill",
    "PresenceSpan", "Skill", "Team", "can_ring",
]  # fmt: skip
