"""Why this operator? What the dispatcher kept with each offer, as a page or a program shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.calls.models import Call
from apps.queues.models import Offer, QueueEntry
from apps.queues.strategies import Considered, Decision

VERDICTS = {
    "": "might have been asked",
    "skill": "too little skill",
    "rest": "rests",
    "tier": "tier not open yet",
    "passed": "passed this caller",
}


@dataclass(frozen=True)
class CandidateRow:
    """One candidate. `verdict`: asked, would have been next, might have been asked, or why not."""

    name: str
    words: str
    verdict: str
    asked: bool = False


@dataclass(frozen=True)
class OfferWhy:
    """Why one operator was rung, and what became of it. `candidates` are ten each, `able` and `excluded` count all."""

    operator: str
    queue: str
    offered_at: datetime
    status: str
    sentence: str
    able: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    candidates: list[CandidateRow] = field(default_factory=list)


def why(subject: Call | QueueEntry) -> list[OfferWhy]:
    """The offers of a call, or of one place in a queue, in the order in which they were made."""
    offers = Offer.objects.filter(**{"entry__call" if isinstance(subject, Call) else "entry": subject})
    offers = offers.select_related("operator__user", "entry__queue").order_by("offered_at", "pk")
    return [of_offer(offer) for offer in offers]


def of_offer(offer: Offer) -> OfferWhy:
    """The reasons for one offer. An offer that none were kept with has the sentence only."""
    facts: dict[str, Any] = {
        "operator": str(offer.operator), "queue": offer.entry.queue.name, "offered_at": offer.offered_at,
        "status": offer.get_status_display(),
    }  # fmt: skip
    if not offer.considered:
        return OfferWhy(**facts, sentence=offer.reason)
    decision = Decision.from_json(offer.considered)
    return OfferWhy(
        **facts,
        sentence=decision.words,
        able=decision.able,
        excluded={VERDICTS[reason]: count for reason, count in decision.excluded.items()},
        candidates=[_row(one, decision) for one in (*decision.rows, *decision.shut_out)],
    )


def _row(one: Considered, decision: Decision) -> CandidateRow:
    asked = one.candidate.operator_id in decision.chosen
    next_one = one.candidate == decision.runner_up
    verdict = "asked" if asked else "would have been next" if next_one else VERDICTS[one.excluded]
    return CandidateRow(one.candidate.name, one.words, verdict, asked)
