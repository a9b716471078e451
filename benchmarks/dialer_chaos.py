"""Campaigns on a bad day: dialers killed and frozen, servers restarted, a faulty carrier. Nobody twice, nobody skipped.

Three campaigns of two clients are dialled by several processes while a nemesis kills them, freezes them for a moment or
for good, restarts the database without a shutdown, kills Valkey, pauses and resumes; the sandbox loses answers and
reports. In the end a separate program reads the phone company's ledger. Durations are scaled down: a lease of 2 s for
10, a grace of 10 s for 120, a silence of 6 s for 60. `--defect NAME` does it to a copy of the product with one thing
broken, `--defects` with each in turn: the judge must notice.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from itertools import cycle
from types import SimpleNamespace
from typing import Any

import requests
from django.core.management import call_command
from django.db import connections

from benchmarks import chaos, chaos_defects, ledger_check
from benchmarks.figures import cpu_seconds, load_average, percentile, table
from benchmarks.house import House

# Per 10,000 contacts.
PLAN = {"kill": 200, "term": 20, "freeze": 60, "hang": 3, "database": 20, "valkey": 20, "pause": 6}
# Each limit is the tightest for somebody: two campaigns share the first client, the second has one with many lines.
# As shares of the house's lines.
CLIENT_SHARES, CAMPAIGN_SHARES = (0.6, 0.7), ((0.4, 0.4), (0.8,))
SCALED = {"CALL_SILENCE_SECONDS": "6", "MAX_CONCURRENT_CALL_WAIT": "1000"}
FAULTS = {
    "latency_ms": 5, "error_rate": 0.02, "too_many_rate": 0.01, "lost_answers": 0.05,
    "callbacks": {"lost_early_rate": 0.3, "lost_rate": 0.01, "duplicate_rate": 0.1, "reorder": True},
}  # fmt: skip
# How a phone behaves, by the last digit of its number; all others are busy.
PHONES = {"*": "busy", "*3": "failed", "*7": "human"}
TALK = [{"wait": 0.5}, {"hangup": True}]


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--contacts", type=int, default=10_000, help="of the three campaigns together (%(default)s)")
    parser.add_argument("--dialers", type=int, default=4, help="processes (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the misfortunes and of the carrier (%(default)s)")
    parser.add_argument("--minutes", type=float, default=15, help="given up after so long (%(default)s)")
    parser.add_argument("--harm", type=float, default=1, help="misfortunes per contact, 1 for the usual (%(default)s)")
    parser.add_argument("--lines", type=int, default=40, help="limit of the house, others follow (%(default)s)")
    parser.add_argument(
        "--ring", type=float, default=0.3, help="seconds until a phone is answered or not (%(default)s)"
    )
    parser.add_argument("--grace", type=int, default=10, help="seconds; the product's own is 120 (%(default)s)")
    parser.add_argument("--lease", type=float, default=2, help="seconds; the product's own is 10 (%(default)s)")
    parser.add_argument("--carrier", type=float, default=1, help="so many times its usual faults (%(default)s)")
    parser.add_argument("--until-fault", action="store_true", help="end as soon as the judge finds a fault")
    parser.add_argument("--calm", action="store_true", help="without any misfortune: how fast it is at best")
    parser.add_argument("--defect", choices=sorted(chaos_defects.DEFECTS), help="break this first, in a copy")
    parser.add_argument("--defects", action="store_true", help="each defect in turn, at a small size")


def run(house: House, options: SimpleNamespace) -> dict[str, Any]:
    if options.defects:
        house.prepare(demo=False)
        house.stop()
        return chaos_defects.run_all(options, house.folder)
    if options.defect:
        return chaos_defects.run_one(options.defect, options)
    os.environ |= SCALED | {
        "GLOBAL_MAX_CALLS": str(options.lines), "DIALER_LEASE_SECONDS": str(options.lease),
        "DIAL_GRACE_SECONDS": str(options.grace),
    }  # fmt: skip
    house.prepare(demo=False)
    house.children.append(house.parts.web())
    wanted = _people(options)
    _spoil(house, options)
    print(f"  {options.contacts} contacts, seed {options.seed} (load average {load_average()})", flush=True)
    connections.close_all()
    pack = chaos.Pack(options.dialers)
    spent = house.cpu()
    try:
        nemesis, seconds = _suffer(house, pack, wanted, options)
        cost = _cost(house, pack, spent, options.contacts) if options.calm else None
    finally:
        pack.end()
    found = _judge(house, wanted) | {"contacts_per_second": round(options.contacts / seconds, 1)}
    found |= {"misfortunes": dict(nemesis.done), "seed": options.seed, "cpu_ms_per_contact": cost}
    found |= _inside(house, nemesis)
    _show(found)
    return found


def _cost(house: House, pack: chaos.Pack, before: dict[str, float], contacts: int) -> dict[str, float]:
    """Milliseconds of processor time a contact, by part; of a run in which nobody is killed."""
    spent = {name: seconds - before.get(name, 0) for name, seconds in house.cpu().items()}
    spent["dialers"] = sum(cpu_seconds(member.pid or 0) for member in pack.members)
    return {name: round(1000 * seconds / contacts, 1) for name, seconds in spent.items()}


def _judge(house: House, wanted: ledger_check.Wanted) -> dict[str, Any]:
    wanted.write(house.folder)
    command = [sys.executable, "-m", "benchmarks.ledger_check", str(house.folder)]
    judged = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return judged | {"faults": ledger_check.faults(judged)}


def _people(options: SimpleNamespace) -> ledger_check.Wanted:
    """Two clients, the first with two campaigns, and so many contacts in all."""
    from apps.carrier.models import PhoneNumber
    from apps.clients.models import Client
    from apps.destinations.models import Destination, Ending

    wanted = ledger_check.Wanted(limits={"house": options.lines})
    # The second client has more lines than both campaigns of the first: a half is for it, so that all end together.
    numbers: list[list[str]] = [[], [], []]
    for n, number in enumerate(_numbers(options.contacts)):
        numbers[(0, 0, 1, 2)[n // 2 % 4]].append(number)
    for n, (share, own_shares) in enumerate(zip(CLIENT_SHARES, CAMPAIGN_SHARES, strict=True)):
        limit = round(share * options.lines)
        client = Client.objects.create(
            name=f"Chaos {n}", slug=f"chaos-{n}", max_concurrent_calls=limit, record_calls=False
        )
        wanted.limits[f"client {client.pk}"] = limit
        place = Destination.objects.create(client=client, kind="ending", label="Good-bye")
        Ending.objects.create(destination=place, message="Good-bye.")
        own = PhoneNumber.objects.create(client=client, number=f"+1415555980{n}", label="Chaos", destination=place)
        for k, own_share in enumerate(own_shares):
            own_limit = round(own_share * options.lines)
            called = numbers.pop()
            mine = str(_campaign(f"Chaos {k}", own, called, own_limit).pk)
            wanted.campaign_of.update(dict.fromkeys(called, mine))
            wanted.client_of[mine], wanted.limits[f"campaign {mine}"] = str(client.pk), own_limit
    call_command("carrier", "provision", verbosity=0)
    return wanted


def _campaign(name: str, own: Any, numbers: list[str], limit: int) -> Any:
    """A running campaign that rings each of `numbers` once."""
    from apps.campaigns import services as campaigns
    from apps.campaigns.models import Campaign, Contact, ContactList, ContactNumber, RetryRule

    contacts = ContactList.objects.create(client=own.client, name=name)
    rows = Contact.objects.bulk_create(Contact(list=contacts) for _ in numbers)
    ContactNumber.objects.bulk_create(
        ContactNumber(contact=row, list=contacts, number=number) for row, number in zip(rows, numbers, strict=True)
    )
    campaign = Campaign.objects.create(
        client=own.client, name=name, contact_list=contacts, mode=Campaign.Mode.AGENTLESS, destination=own.destination,
        caller_id=own.number, max_concurrent_calls=limit, pause_seconds=0, call_from="00:00", call_until="23:59:59",
        ring_seconds=15,
    )  # fmt: skip
    RetryRule.objects.bulk_create(
        RetryRule(campaign=campaign, outcome=outcome, after_seconds=None) for outcome in RetryRule.Outcome.values
    )
    return campaigns.start(Campaign.objects.get(pk=campaign.pk))


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
    for name, answer in PHONES.items():
        behaviour = {"answer": answer, "after_s": options.ring, "script": TALK if answer == "human" else []}
        requests.put(f"{house.parts.sandbox_url}/sandbox/phones/{name}", json=behaviour, timeout=10).raise_for_status()
    more = {name: FAULTS[name] * options.carrier for name in ("error_rate", "too_many_rate", "lost_answers")}
    faults = {} if options.calm else FAULTS | more | {"seed": options.seed}
    requests.put(f"{house.parts.sandbox_url}/sandbox/faults", json=faults, timeout=10).raise_for_status()


def _suffer(
    house: House, pack: chaos.Pack, wanted: ledger_check.Wanted, options: SimpleNamespace
) -> tuple[chaos.Nemesis, float]:
    """Until the campaigns are through, or time is up; how many seconds that took."""
    from apps.campaigns.models import Target

    chance = random.Random(options.seed)
    plan = [] if options.calm else _plan(options.harm * options.contacts / 10_000)
    chance.shuffle(plan)
    nemesis = chaos.Nemesis(house, pack, plan, chance, wanted.pauses)
    mine, began, struck = Target.objects.filter(campaign__in=list(wanted.client_of)), time.monotonic(), 0
    shows = cycle(range(100))
    while time.monotonic() - began < options.minutes * 60:
        nemesis.turn()
        over = chaos.patiently(lambda: mine.exclude(status__in=Target.OPEN).count())
        if over == options.contacts:
            break
        while struck < len(plan) and over >= options.contacts * (struck + 1) / (len(plan) + 2):
            nemesis.strike(plan[struck])
            nemesis.turn()
            struck += 1
        if not next(shows):
            print(
                f"  {over} through, {struck} of {len(plan)} misfortunes, {time.monotonic() - began:.0f} s", flush=True
            )
        time.sleep(0.05)
    nemesis.finish()
    seconds = time.monotonic() - began
    print(f"  {over} of {options.contacts} through after {seconds:.0f} s, {struck} misfortunes", flush=True)
    return nemesis, seconds


def _plan(share: float) -> list[str]:
    """The misfortunes of this share of PLAN, four pauses and one of each other kind at least."""
    return [what for what, count in PLAN.items() for _ in range(max(4 if what == "pause" else 1, round(count * share)))]


def _inside(house: House, nemesis: chaos.Nemesis) -> dict[str, Any]:
    """What our own books say: unknowns and how each was resolved, takeovers, who is left."""
    from apps.calls.models import Call, Leg
    from apps.campaigns.models import Attempt, Target
    from apps.core.models import Event

    lost = Event.objects.filter(kind="calls.dial_uncertain").values_list("subject", flat=True)
    keys = [subject.removeprefix("leg:") for subject in lost]
    resolved = Counter(Leg.objects.filter(public_id__in=keys).values_list("known_by", flat=True))
    log = (house.folder / "log" / "dialers.log").read_text(errors="replace")
    return {
        "unknowns": len(keys), "unknowns_resolved_by": {how or "open": count for how, count in resolved.items()},
        "known_by": dict(Counter(Leg.objects.values_list("known_by", flat=True))),
        "takeover_p95_s": {name: percentile(values, 95) for name, values in nemesis.takeovers.items()},
        "takeovers": {name: len(values) for name, values in nemesis.takeovers.items()},
        "fenced_off": log.count("somebody else's by now"), "tracebacks_in_log": _tracebacks(log),
        "contacts_left": Target.objects.filter(status__in=Target.OPEN).count(),
        "tries": dict(Counter(Attempt.objects.values_list("outcome", flat=True))),
        "open_calls": Call.objects.open().count(),
    }  # fmt: skip


def _tracebacks(log: str) -> dict[str, int]:
    """The errors that dialers met, by name: those of a database that is away, and no others, are to be expected."""
    names = [line.partition(":")[0] for line in log.splitlines() if line[:1].isalpha() and "Error: " in line]
    return dict(Counter(names))


def _show(found: dict[str, Any]) -> None:
    names = ("contacts", "calls", "doubled", "skipped", "above_a_limit", "dialled_in_a_pause", "peaks", "limits",
             "unknowns", "unknowns_resolved_by", "takeovers", "takeover_p95_s", "fenced_off", "misfortunes",
             "contacts_per_second", "cpu_ms_per_contact")  # fmt: skip
    print("\n" + table(["what", "found"], [[name, found[name]] for name in names]) + "\n")
