"""Phone numbers of the account and its applications: where calls ask what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..names import new_sid
from .calls import Documents, Report

if TYPE_CHECKING:
    from .network import Network


class Addresses:
    """Voice addresses, as numbers and applications have them. Fields are Twilio's, empty until set."""

    FIELDS = (
        "friendly_name",
        "voice_url",
        "voice_method",
        "voice_fallback_url",
        "voice_fallback_method",
        "status_callback",
        "status_callback_method",
        "sms_url",
        "sms_method",
        "sms_fallback_url",
        "sms_fallback_method",
    )

    def __init__(self, network: Network, sid: str) -> None:
        self.network, self.sid = network, sid
        self.created = self.updated = network.clock.now()
        self.fields: dict[str, Any] = {name: "POST" if name.endswith("_method") else "" for name in self.FIELDS} | {
            "voice_caller_id_lookup": False
        }

    def update(self, changes: dict[str, Any]) -> None:
        self.fields |= changes
        self.updated = self.network.clock.now()

    def voice(self) -> Documents:
        return Documents(
            url=self.fields["voice_url"],
            method=self.fields["voice_method"],
            fallback_url=self.fields["voice_fallback_url"],
            fallback_method=self.fields["voice_fallback_method"],
        )

    def report(self) -> Report:
        return Report(url=self.fields["status_callback"], method=self.fields["status_callback_method"])


class Application(Addresses):
    pass


class Number(Addresses):
    def __init__(self, network: Network, sid: str, phone_number: str) -> None:
        super().__init__(network, sid)
        self.phone_number = phone_number
        self.fields |= {"voice_application_sid": "", "sms_application_sid": "", "trunk_sid": ""}

    def voice(self) -> Documents:
        application = self._application()
        return application.voice() if application else super().voice()

    def report(self) -> Report:
        application = self._application()
        return application.report() if application else super().report()

    def _application(self) -> Application | None:
        return self.network.applications.rows.get(self.fields["voice_application_sid"])


class Numbers:
    def __init__(self, network: Network) -> None:
        self.network = network
        self.rows: dict[str, Number] = {}

    def buy(self, phone_number: str) -> Number:
        number = Number(self.network, new_sid("PN"), phone_number)
        number.fields["friendly_name"] = phone_number
        self.rows[number.sid] = number
        return number

    def by_number(self, phone_number: str) -> Number | None:
        return next((row for row in self.rows.values() if row.phone_number == phone_number), None)


class Applications:
    def __init__(self, network: Network) -> None:
        self.network = network
        self.rows: dict[str, Application] = {}
        self.open("Call center", sid=network.settings.app_sid)

    def open(self, friendly_name: str, sid: str = "") -> Application:
        row = Application(self.network, sid or new_sid("AP"))
        row.fields["friendly_name"] = friendly_name
        self.rows[row.sid] = row
        return row
