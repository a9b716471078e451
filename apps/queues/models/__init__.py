from apps.queues.models.callback import Callback, CallbackTry
from apps.queues.models.line import Offer, QueueEntry
from apps.queues.models.queue import (
    Choice,
    Membership,
    OwnOperator,
    Queue,
    SkillRelaxation,
    SkillRequirement,
)

__all__ = [
    "Callback", "CallbackTry", "Choice", "Membership", "Offer", "OwnOperator", "Queue", "QueueEntry",
    "SkillRelaxation", "SkillRequirement",
]  # fmt: skip
