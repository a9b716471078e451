from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from apps.calls import services as calls
from apps.campaigns import dialer, leases
from apps.campaigns import services as campaigns
from apps.campaigns.models import Attempt, Campaign, Permission, Target
from apps.core import clock
from tests import factories


@pytest.fixture(autouse=True)
def still_clock():
    clock.freeze()
    yield
    clock.release()


@dataclass
class Hall:
    """An agentless campaign that may make three calls at once, with short words for what happens in it."""

    campaign: Campaign
    people: list = field(default_factory=list)

    def contact(self, **facts):
        made = factories.ContactFactory(list=self.campaign.contact_list, **facts)
        self.people.append(made)
        return made

    def runs(self) -> Campaign:
        campaigns.start(self.campaign)
        return self.campaign

    def reserves(self) -> int:
        """One step; how many calls were reserved."""
        return dialer.step(self.campaign.pk)

    def fence(self) -> int:
        fence = leases.take(self.campaign.pk, "somebody")
        assert fence is not None
        return fence

    def ends(self, attempt: Attempt, status: str, *, sid: str = "") -> Attempt:
        """The carrier reports the end of the contact's line, and the switchboard closes the call."""
        leg = attempt.leg
        leg.refresh_from_db()
        if leg.sid is None:
            calls.bind(leg, sid or factories.sid("CA"))
        calls.advance(leg, status)
        calls.close(attempt.call, {"busy": "busy", "completed": "answered"}.get(status, "no_answer"))
        return self.now(attempt)

    def attempt(self) -> Attempt:
        return Attempt.objects.open().select_related("leg", "call__client", "campaign").get()

    def target(self) -> Target:
        return Target.objects.get()

    def ledger(self) -> list[tuple[str, str]]:
        return list(Permission.objects.order_by("pk").values_list("verdict", "code"))

    @staticmethod
    def now(row):
        return type(row).objects.get(pk=row.pk)


@pytest.fixture
def hall(db) -> Hall:
    client = factories.ClientFactory(caller_id="+14155550190", max_concurrent_calls=10)
    factories.PhoneNumberFactory(client=client, number="+14155550190")
    place = factories.EndingFactory(client=client).destination
    campaign = factories.CampaignFactory(
        client=client, name="News", mode=Campaign.Mode.AGENTLESS, queue=None, destination=place, pause_seconds=0,
        max_concurrent_calls=3,
    )  # fmt: skip
    return Hall(campaign)
