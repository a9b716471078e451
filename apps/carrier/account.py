"""What is set up at the carrier for us: numbers, the application of the desks, their tokens."""

from __future__ import annotations

from django.conf import settings
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from apps.carrier.asking import Asking, checked_sid
from apps.carrier.facts import ApplicationFacts, NumberFacts, number_facts
from apps.carrier.transport import CarrierGone


class Account(Asking):
    """The account's half of the port."""

    def list_numbers(self) -> list[NumberFacts]:
        """All numbers of the account."""
        found = self._ask("list numbers", "", None, lambda: self._sdk.incoming_phone_numbers.list(page_size=200))
        return [number_facts(number) for number in found]

    def buy_number(self, number: str, *, name: str) -> str:
        """Take `number` into the account; its sid. With a real carrier this costs money."""
        return self._make(
            "buy number", "", None,
            lambda: self._sdk.incoming_phone_numbers.create(phone_number=number, friendly_name=name[:64]),
            "PN",
        )  # fmt: skip

    def set_number_urls(self, sid: str, *, voice_url: str, fallback_url: str, status_url: str) -> None:
        """Tell the carrier where a number's calls are answered; takes an application or trunk off the number."""
        self._ask(
            "set number", "", None,
            lambda: self._sdk.incoming_phone_numbers(checked_sid(sid, "PN")).update(
                voice_application_sid="", voice_url=voice_url, voice_method="POST",
                voice_fallback_url=fallback_url, voice_fallback_method="POST",
                status_callback=status_url, status_callback_method="POST",
            ),
        )  # fmt: skip

    def fetch_application(self, sid: str) -> ApplicationFacts | None:
        """The TwiML application through which desks call out; None when there is none of that sid."""
        try:
            found = self._ask(
                "fetch application", "", None, lambda: self._sdk.applications(checked_sid(sid, "AP")).fetch()
            )
        except CarrierGone:
            return None
        return ApplicationFacts(str(found.sid), found.voice_url or "", found.voice_fallback_url or "")

    def set_application_urls(self, sid: str, *, voice_url: str, fallback_url: str, status_url: str) -> None:
        """Tell the carrier where calls that a desk begins are answered."""
        self._ask(
            "set application", "", None,
            lambda: self._sdk.applications(checked_sid(sid, "AP")).update(
                voice_url=voice_url, voice_method="POST", voice_fallback_url=fallback_url,
                voice_fallback_method="POST", status_callback=status_url, status_callback_method="POST",
            ),
        )  # fmt: skip

    def device_token(self, identity: str, ttl_seconds: int = 900) -> str:
        """A token that makes a browser the desk `identity`: it may be rung and call our application, nothing else."""
        token = AccessToken(
            settings.TWILIO_ACCOUNT_SID, settings.TWILIO_API_KEY, settings.TWILIO_API_SECRET,
            identity=identity, ttl=ttl_seconds,
        )  # fmt: skip
        token.add_grant(VoiceGrant(incoming_allow=True, outgoing_application_sid=settings.TWILIO_TWIML_APP_SID or None))
        return str(token.to_jwt())
