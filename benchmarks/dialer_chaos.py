"""Campaigns on a bad day: dialers killed and frozen, servers restarted, a faulty carrier. Nobody twice, nobody skipped.

Two campaigns of two clients are dialled by several processes while a nemesis kills and freezes them, restarts the
database without a shutdown, kills Valkey, pauses and resumes; the sandbox loses answers and reports. In the end a
separate judge reads the phone company's ledger. Durations are scaled down: grace 10 s for 120, silence 6 s for 60.
"""

from __future__ import annotations

import os
import random
import time
from argparse import ArgumentParser
from collections import Counter
from types import SimpleNamespace
from typing import Any

import requests
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from benchmarks import chaos
from benchmarks.figures import load_average, table
from benchmarks.house import House

# Per 10,000 contacts.
PLAN = {"kill": 200, "term": 20, "freeze": 60, "database": 20, "valkey": 20, "pause": 6}
HOUSE_LIMIT, CLIENT_LIMIT, CAMPAIGN_LIMIT = 24, 14, 12
FAULTS = {
    "latency_ms": 5, "error_rate": 0.02, "too_many_rate": 0.004, "lost_answers": 0.05,
    "callbacks": {"lost_early_rate": 0.3, "lost_rate": 0.01, "duplicate_rate": 0.1, "reorder": True},
}  # fmt: skip
# How a phone behaves, by the last digit of its number; all others are busy.
PHONES = {
    "*": {"answer": "busy", "after_s": 0.2}, "*3": {"answer": "failed", "after_s": 0.2},
    "*7": {"answer": "human", "after_s": 0.2, "script": [{"wait": 0.3}, {"hangup": True}]},
}  # fmt: skip


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--contacts", type=int, default=10_000, help="of both campaigns together (%(default)s)")
    parser.add_argument("--dialers", type=int, default=4, help="processes (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the misfortunes and of the carrier (%(default)s)")
    parser.add_argument("--minutes", type=float, default=10, help="given up after so long (%(default)s)")
    parser.add_argument("--calm", action="store_true", help="without any misfortune: how fast it is at best")


def run(house: House, options: SimpleNamespace) -> dict[str, Any]:
    os.environ |= {"GLOBAL_MAX_CALLS": str(HOUSE_LIMIT), "DIAL_GRACE_SECONDS": "10", "CALL_SILENCE_SECONDS": "6"}
    house.prepare()
    house.children.append(house.parts.web())
    wanted = _people(options.contacts)
    _spoil(house, options)
    print(f"  {options.contacts} contacts, seed {options.seed} (load average {load_average()})", flush=True)
    connections.close_all()
    pack = chaos.Pack(options.dialers)
    try:
        nemesis = _suffer(house, pack, wanted, options)
    finally:
        pack.end()
    found = chaos.judge(house.folder / "sandbox-ledger.jsonl", wanted, nemesis.pauses)
    found |= {"misfortunes": dict(nemesis.done), "seed": options.seed} | _inside(nemesis)
    _show(found)
    return found


def _people(count: int) -> chaos.Contacted:
    """Two clients with a campaign each, and so many contacts."""
    from apps.campaigns import services as campaigns
    from apps.campaigns.models import Campaign, Contact, ContactList, ContactNumber, RetryRule
    from apps.carrier.models import PhoneNumber
    from apps.clients.models import Client
    from apps.destinations.models import Destination, Ending

    numbers = iter(_numbers(count))
    wanted = chaos.Contacted({}, {}, {"house": HOUSE_LIMIT})
    for n in range(2):
        client = Client.objects.create(
            name=f"Chaos {n}", slug=f"chaos-{n}", max_concurrent_calls=CLIENT_LIMIT, record_calls=False
        )
        place = Destination.objects.create(client=client, kind="ending", label="Good-bye")
        Ending.objects.create(destination=place, message="Good-bye.")
        own = PhoneNumber.objects.create(client=client, number=f"+1415555980{n}", label="Chaos", destination=place)
        contacts = ContactList.objects.create(client=client, name="Everybody")
        rows = Contact.objects.bulk_create(Contact(list=contacts) for _ in range((count + 1 - n) // 2))
        mine = [ContactNumber(contact=row, list=contacts, number=next(numbers)) for row in rows]
        ContactNumber.objects.bulk_create(mine)
        campaign = Campaign.objects.create(
            client=client, name="Chaos", contact_list=contacts, mode=Campaign.Mode.AGENTLESS, destination=place,
            caller_id=own.number, max_concurrent_calls=CAMPAIGN_LIMIT, pause_seconds=0, call_from="00:00",
            call_until="23:59:59", ring_seconds=15,
        )  # fmt: skip
        RetryRule.objects.bulk_create(
            RetryRule(campaign=campaign, outcome=outcome, after_seconds=None) for outcome in RetryRule.Outcome.values
        )
        wanted.campaign_of.update({row.number: campaign.pk for row in mine})
        wanted.client_of[campaign.pk] = client.pk
        wanted.limits.update({f"campaign {campaign.pk}": CAMPAIGN_LIMIT, f"client {client.pk}": CLIENT_LIMIT})
        campaigns.start(Campaign.objects.get(pk=campaign.pk))
    call_command("carrier", "provision", verbosity=0)
    return wanted


def _numbers(count: int) -> list[str]:
    """Numbers that may be called, all different."""
    from apps.campaigns.reading import forbidden

    found, n = [], 2_120_000
    while len(found) < count:
        number = f"+1415{n}"
        n += 31
        if not forbidden(number, "US"):
            found.append(number)
    return found


def _spoil(house: House, options: SimpleNamespace) -> None:
    for name, behaviour in PHONES.items():
        requests.put(f"{house.parts.sandbox_url}/sandbox/phones/{name}", json=behaviour, timeout=10).raise_for_status()
    faults = {} if options.calm else FAULTS | {"seed": options.seed}
    requests.put(f"{house.parts.sandbox_url}/sandbox/faults", json=faults, timeout=10).raise_for_status()


def _suffer(house: House, pack: chaos.Pack, wanted: chaos.Contacted, options: SimpleNamespace) -> chaos.Nemesis:
    """Until both campaigns are through, or time is up."""
    from apps.campaigns.models import Campaign, Target

    chance = random.Random(options.seed)
    share = 0 if options.calm else options.contacts / 10_000
    plan = [what for what, count in PLAN.items() for _ in range(max(1 if share else 0, round(count * share)))]
    chance.shuffle(plan)
    nemesis = chaos.Nemesis(house, pack, plan, chance)
    began, struck = time.monotonic(), 0
    ours = list(wanted.client_of)
    while time.monotonic() - began < options.minutes * 60:
        mine = Target.objects.filter(campaign__in=ours)
        over = chaos.patiently(lambda rows: rows.exclude(status__in=Target.OPEN).count(), mine)
        if not chaos.patiently(lambda: Campaign.objects.running().filter(pk__in=ours).exists()):
            break
        while struck < len(plan) and over >= options.contacts * (struck + 1) / (len(plan) + 2):
            chaos.patiently(nemesis.strike, plan[struck])
            struck += 1
        time.sleep(0.1)
    seconds = time.monotonic() - began
    print(f"  {over} of {options.contacts} through after {seconds:.0f} s, {struck} misfortunes", flush=True)
    return nemesis


def _inside(nemesis: chaos.Nemesis) -> dict[str, Any]:
    """What our own books say: unknowns and how each was resolved, takeovers, who is left."""
    from apps.calls.models import Call, Leg
    from apps.campaigns.models import Attempt, Target
    from apps.core.models import Event

    lost = Event.objects.filter(kind="calls.dial_uncertain").values_list("subject", flat=True)
    keys = [subject.removeprefix("leg:") for subject in lost]
    resolved = Counter(Leg.objects.filter(public_id__in=keys).values_list("known_by", flat=True))
    return {
        "unknowns": len(keys), "unknowns_resolved_by": {how or "open": count for how, count in resolved.items()},
        "known_by": dict(Counter(Leg.objects.values_list("known_by", flat=True))),
        "takeover_p95_s": {name: _p95(values) for name, values in nemesis.takeovers.items()},
        "takeovers": {name: len(values) for name, values in nemesis.takeovers.items()},
        "contacts_left": Target.objects.filter(status__in=Target.OPEN).count(),
        "tries": dict(Counter(Attempt.objects.values_list("outcome", flat=True))),
        "open_calls": Call.objects.open().count(), "grace_seconds": settings.DIAL_GRACE_SECONDS,
    }  # fmt: skip


def _p95(values: list[float]) -> float:
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)] if values else 0.0


def _show(found: dict[str, Any]) -> None:
    names = ("contacts", "calls", "doubled", "skipped", "above_a_limit", "dialled_in_a_pause", "unknowns",
             "unknowns_resolved_by", "takeover_p95_s", "misfortunes", "peaks")  # fmt: skip
    print("\n" + table(["what", "found"], [[name, found[name]] for name in names]) + "\n")
