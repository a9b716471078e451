"""What other rules would have done with past calls: the facts that were kept with each decision, through the same
engine. Nothing is guessed: a call whose facts do not answer what a draft asks is counted as such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from apps.clients.models import Client
from apps.destinations.models import Destination
from apps.routing import engine
from apps.routing.models import Decision, Rule
from apps.routing.rules import view
from apps.routing.truth import Facts, RuleView

MOST = 10_000  # decisions that one report looks at, newest first
CHUNK = 500  # of them in memory at a time


@dataclass(frozen=True)
class Outcome:
    """Where rules send a call; `known` is false when its facts do not tell."""

    known: bool
    destination: int | None = None
    rule: str = ""


@dataclass(frozen=True)
class Moved:
    """A call that the draft sends elsewhere than the rules of today do."""

    decision: Decision
    was: str
    now: str
    rule: str
    because: str


@dataclass
class Report:
    """`looked_at` decisions, of which `unknown` cannot be judged and `moved` would have gone elsewhere.

    `ways` counts those by (from, to). `older` went, at the time, elsewhere than today's rules send them. `cut` tells
    that there were more than `MOST`. `page` holds the moved ones from `offset` on.
    """

    looked_at: int = 0
    unknown: int = 0
    moved: int = 0
    older: int = 0
    cut: bool = False
    ways: Counter[tuple[str, str]] = field(default_factory=Counter)
    page: list[Moved] = field(default_factory=list)

    @property
    def stayed(self) -> int:
        return self.looked_at - self.unknown - self.moved


def outcome(facts: Facts, rules: Iterable[RuleView], *, default_kept: bool) -> tuple[Outcome, engine.Verdict]:
    """Where `rules` send a call with these facts. Without a kept default nobody knows what follows if none matches."""
    verdict = engine.decide(facts, rules)
    known = not verdict.undecided and (verdict.rule is not None or default_kept)
    return Outcome(known, verdict.destination, verdict.tried[-1].name if verdict.rule is not None else ""), verdict


def kept_facts(decision: Decision) -> tuple[Facts, bool]:
    """The facts of a decision, and whether they tell where the number sent calls by itself."""
    facts = Facts.from_json(decision.facts)
    if "default" in decision.facts:
        return facts, True
    if decision.rule_id is None and decision.tried and not any(trial["matched"] for trial in decision.tried):
        return replace(facts, default=decision.destination_id), True
    return facts, False


def compare(
    client: Client, since: datetime, until: datetime, present: Sequence[RuleView], draft: Sequence[RuleView],
    *, offset: int = 0, size: int = 50,
) -> Report:  # fmt: skip
    """What changes for the calls decided from `since` up to, not including, `until` if `draft` were the rules.

    Both sets of rules run over the same facts, so that only what they differ in counts. Memory does not grow with the
    period.
    """
    labels = dict(Destination.objects.filter(client=client).values_list("pk", "label"))
    rows = Decision.objects.filter(call__client=client, at__gte=since, at__lt=until)
    rows = rows.select_related("call__person").order_by("-at", "-pk")[: MOST + 1]
    report = Report()
    for decision in rows.iterator(chunk_size=CHUNK):
        if report.looked_at == MOST:
            report.cut = True
            break
        report.looked_at += 1
        facts, default_kept = kept_facts(decision)
        was, _ = outcome(facts, present, default_kept=default_kept)
        now, verdict = outcome(facts, draft, default_kept=default_kept)
        if not (was.known and now.known):
            report.unknown += 1
            continue
        report.older += was.destination != decision.destination_id
        if was.destination == now.destination:
            continue
        if offset <= report.moved < offset + size:
            report.page.append(_moved(decision, was, now, verdict, labels))
        report.moved += 1
        report.ways[_label(was, labels), _label(now, labels)] += 1
    return report


def _moved(decision: Decision, was: Outcome, now: Outcome, verdict: engine.Verdict, labels: dict[int, str]) -> Moved:
    return Moved(decision, _label(was, labels), _label(now, labels), now.rule or "no rule", verdict.because)


def _label(outcome: Outcome, labels: dict[int, str]) -> str:
    return "nowhere" if outcome.destination is None else labels.get(outcome.destination, "what was deleted since")


def with_draft(client: Client, rule: RuleView | None, *, instead_of: int | None, place: int | None) -> list[RuleView]:
    """The rules of today with `rule` in the place of the one with the key `instead_of`.

    `place` moves it: 0 is first, and so on; None leaves it where that one is, the last for a new one. Without a `rule`
    the one that it would replace is left out.
    """
    present = [view(one) for one in Rule.objects.trying(client)]
    replaced = instead_of or 0  # no rule has this key
    others = [one for one in present if one.pk != replaced]
    if rule is None:
        return others
    if place is None:
        old = Rule.objects.filter(pk=replaced).values_list("position", "pk").first()
        order = list(Rule.objects.trying(client).exclude(pk=replaced).values_list("position", "pk"))
        place = sum(each < old for each in order) if old else len(others)
    return [*others[:place], rule, *others[place:]]
