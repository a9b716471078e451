from apps.queues.models.callback import Callback, CallbackTry
from apps.queues.models.line import Offer, QueueEntry
from apps.queues.models.members import Membership, OwnOperator, SkillRelaxation, SkillRequirement
from apps.queues.models.queue import Choice, Queue

__all__ = [
    "Callback", "CallbackTry", "Choice", "Membership", "Offer", "OwnOperator", "Queue", "QueueEntry",
    "SkillRelaxation", "SkillRequirement",
]  # fmt: skip
