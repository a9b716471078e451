"""The doctor: what is missing or wrong between us and the carrier, in plain words, with what to do about it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import requests
from django.conf import settings

from apps.carrier import callbacks
from apps.carrier.client import CarrierLost, CarrierRefused, Port, get_port
from apps.carrier.facts import NumberFacts
from apps.carrier.models import CarrierRequest, PhoneNumber, WebhookDelivery
from apps.carrier.provisioning import addresses, answers_here
from apps.core import clock
from apps.core.numbers import pretty

OK, WARNING, ERROR = "ok", "warning", "error"
_SETTINGS = {
    "TWILIO_ACCOUNT_SID": ("AC", "the account's identifier, at the top of the carrier's console"),
    "TWILIO_AUTH_TOKEN": ("", "the account's token, beside its identifier"),
    "TWILIO_API_KEY": ("SK", "an API key made in the console; the desks' phones need it"),
    "TWILIO_API_SECRET": ("", "the secret that was shown once when the API key was made"),
    "TWILIO_TWIML_APP_SID": ("AP", "a TwiML application made in the console; the desks call out through it"),
}
_OWN_ADDRESS_SECONDS = 5
_LOOK_BACK = timedelta(hours=24)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `level` is ok, warning (works, but) or error (calls fail)."""

    level: str
    words: str
    what_to_do: str = ""


def doctor() -> list[Finding]:
    """Look at settings, public address, account, numbers and the last day's traffic; changes nothing.

    Asks the carrier and ourselves over HTTP, so not inside a transaction.
    """
    findings = [*_settings(), *_public_address(), *_countries()]
    if any(finding.level == ERROR and "TWILIO_A" in finding.what_to_do for finding in findings):
        return findings
    port = get_port()
    return [*findings, *_account(port), *_traffic()]


def _settings() -> Iterator[Finding]:
    yield Finding(OK, f"The carrier is {'the sandbox' if settings.CARRIER == 'sandbox' else settings.CARRIER}.")
    for name, (prefix, where) in _SETTINGS.items():
        value = getattr(settings, name)
        if not value:
            yield Finding(ERROR, f"{name} is empty.", f"Set {name}: {where}.")
        elif not value.startswith(prefix) or (prefix and len(value) != 34):
            yield Finding(ERROR, f"{name} does not look like one.", f"Set {name}: {where}. It begins with {prefix}.")


def _public_address() -> Iterator[Finding]:
    base = settings.PUBLIC_BASE_URL
    if not base:
        yield Finding(
            ERROR, "PUBLIC_BASE_URL is empty.", "Set it to the https address under which the carrier reaches us."
        )
        return
    parts = urlsplit(base)
    if settings.CARRIER != "sandbox" and (parts.scheme != "https" or _is_private(parts.hostname or "")):
        yield Finding(
            ERROR,
            f"The carrier cannot reach us at {base}.",
            "Set PUBLIC_BASE_URL to an address that begins with https:// and can be reached from the internet.",
        )
        return
    try:
        reply = requests.get(f"{base}/healthz", timeout=_OWN_ADDRESS_SECONDS, allow_redirects=False)
    except requests.RequestException:
        yield Finding(
            WARNING,
            f"Nobody answers at {base}.",
            "Start the web process, and see that the address leads to this machine. Some networks do not let a machine "
            "reach itself by its public address: then test from elsewhere.",
        )
        return
    if reply.status_code == 200:
        yield Finding(OK, f"We answer at {base}.")
    else:
        yield Finding(
            WARNING,
            f"{base} answers with {reply.status_code} instead of our health page.",
            "See that the address leads to this call center and not to another site, without a redirect.",
        )


def _is_private(host: str) -> bool:
    if host == "localhost" or "." not in host:
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _countries() -> Iterator[Finding]:
    allowed = settings.CARRIER_ALLOWED_COUNTRIES
    if allowed:
        yield Finding(OK, f"Calls may go to {', '.join(sorted(allowed))}.")
    else:
        yield Finding(
            WARNING,
            "No country may be called, so nobody can call out.",
            "Set CARRIER_ALLOWED_COUNTRIES, for example US,CA.",
        )


def _account(port: Port) -> Iterator[Finding]:
    try:
        at_carrier = {facts.number: facts for facts in port.list_numbers()}
    except CarrierRefused as refusal:
        if refusal.code == 20003:
            yield Finding(
                ERROR,
                "The carrier does not accept our account and token.",
                "Copy TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN from the console again.",
            )
        else:
            yield Finding(ERROR, refusal.sentence, "Look at the account in the carrier's console.")
        return
    except CarrierLost as lost:
        yield Finding(ERROR, str(lost), "Try again in a minute; look at the carrier's status page.")
        return
    yield Finding(OK, "The carrier accepts our account and token.")
    yield from _numbers(at_carrier)
    yield from _application(port)


def _numbers(at_carrier: dict[str, NumberFacts]) -> Iterator[Finding]:
    ours = list(PhoneNumber.objects.active().select_related("destination").order_by("label"))
    if not ours:
        yield Finding(WARNING, "There are no phone numbers yet.", "Add one in the admin under Phone numbers.")
    for row in ours:
        yield _number(row, at_carrier.get(row.number))
    known = set(PhoneNumber.objects.values_list("number", flat=True))
    for facts in at_carrier.values():
        if facts.number not in known and answers_here(facts):
            yield Finding(
                ERROR,
                f"Calls to {pretty(facts.number)} come to us, but we do not know the number.",
                "Add it in the admin under Phone numbers, or release it at the carrier.",
            )


def _number(row: PhoneNumber, facts: NumberFacts | None) -> Finding:
    name = f"{pretty(row.number)} ({row.label})"
    if facts is None:
        return Finding(
            ERROR,
            f"{name} is not among the account's numbers.",
            # The sandbox has what we tell it to have; a real number is bought by a person.
            "Run `manage.py carrier provision`."
            if settings.CARRIER == "sandbox"
            else "Buy it at the carrier, or correct or switch off the entry in the admin.",
        )
    if not answers_here(facts):
        return Finding(
            ERROR,
            f"Calls to {name} are answered elsewhere.",
            f"Run `manage.py carrier provision`; it sets the number's voice address to {addresses()['voice_url']}.",
        )
    if not row.destination.active:
        return Finding(
            ERROR,
            f"Calls to {name} lead to {row.destination.label}, which is switched off.",
            "Switch it on, or choose another destination for the number.",
        )
    return Finding(OK, f"{name} is answered here.")


def _application(port: Port) -> Iterator[Finding]:
    sid = settings.TWILIO_TWIML_APP_SID
    if not sid:
        return
    try:
        found = port.fetch_application(sid)
    except (CarrierRefused, CarrierLost) as error:
        yield Finding(ERROR, f"The desks' application could not be looked at: {error}", "Try again in a minute.")
        return
    if found is None:
        yield Finding(
            ERROR,
            "The account has no application of the identifier in TWILIO_TWIML_APP_SID.",
            "Make a TwiML application in the console and set TWILIO_TWIML_APP_SID to its identifier.",
        )
    elif found.voice_url != callbacks.app():
        yield Finding(
            ERROR,
            "Calls that desks begin are answered elsewhere.",
            f"Run `manage.py carrier provision`; it sets the application's voice address to {callbacks.app()}.",
        )
    else:
        yield Finding(OK, "Calls that desks begin are answered here.")


def _traffic() -> Iterator[Finding]:
    since = clock.now() - _LOOK_BACK
    verdicts = WebhookDelivery.Verdict
    lately = WebhookDelivery.objects.filter(received_at__gte=since)
    accepted = lately.filter(verdict=verdicts.ACCEPTED).exists()
    forged = lately.filter(verdict=verdicts.FORGED).count()
    failed = lately.filter(verdict=verdicts.FAILED).count()
    lost = CarrierRequest.objects.filter(at__gte=since, outcome=CarrierRequest.Outcome.LOST).count()
    if forged and not accepted:
        yield Finding(
            ERROR,
            f"In the last day all {forged} signed requests had a wrong signature.",
            "PUBLIC_BASE_URL must be exactly the address that the carrier calls, and TWILIO_AUTH_TOKEN the account's "
            "present token.",
        )
    elif forged:
        yield Finding(
            WARNING,
            f"In the last day {forged} requests had a wrong signature.",
            "If calls work, somebody else is trying: see Carrier webhooks in the admin.",
        )
    if failed:
        yield Finding(
            WARNING,
            f"In the last day {failed} requests of the carrier failed here.",
            "See Carrier webhooks in the admin and the log of the web process at those times.",
        )
    if lost:
        yield Finding(
            WARNING,
            f"In the last day the carrier's answer was lost {lost} times.",
            "Look at the network and at the carrier's status page.",
        )
    if not (forged or failed or lost):
        yield Finding(OK, "The last day's requests went well." if accepted else "No request of the carrier yet.")
