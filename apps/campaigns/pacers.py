"""How many calls a campaign may make at this moment: its mode's pacer, and the pause between two calls."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from apps.campaigns import reading
from apps.campaigns.models import Attempt, Campaign
from apps.campaigns.pacing import Advice, Agentless, Pacer, Power, Predictive, Preview, Progressive

Mode = Campaign.Mode


def pacer_of(campaign: Campaign) -> Pacer:
    """The pacer of the campaign's mode. With no abandoned calls allowed, nobody is dialled without an operator."""
    match campaign.mode:
        case Mode.PREVIEW:
            return Preview()
        case Mode.AGENTLESS:
            return Agentless()
        case Mode.POWER if campaign.abandoned_percent > 0:
            return Power(float(campaign.lines_per_operator))
        case Mode.PREDICTIVE if campaign.abandoned_percent > 0:
            return Predictive(limit=float(campaign.abandoned_percent) / 100)
        case _:
            return Progressive()


def advise(campaign: Campaign, at: datetime, *, ready: int, room: int, room_words: str) -> Advice:
    """How many to dial at `at`, and why."""
    now = reading.situation(campaign, at, ready=ready, room=room, room_words=room_words)
    advice = pacer_of(campaign).advise(now)
    wait = _pause_left(campaign, at)
    if not wait or not advice.dial:
        return Advice(min(advice.dial, 1), advice.why) if pause_seconds(campaign) else advice
    return Advice(0, f"The pause between two calls lasts {wait:.0f} s more.")


def count(campaign: Campaign, at: datetime, *, ready: int, room: int, room_words: str) -> int:
    """The same without the words."""
    return advise(campaign, at, ready=ready, room=room, room_words=room_words).dial


def pause_seconds(campaign: Campaign) -> float:
    """Between two calls of this campaign."""
    if campaign.pause_seconds is not None:
        return float(campaign.pause_seconds)
    return settings.SUBSEQUENT_CALL_WAIT / 1000 if campaign.mode == Mode.AGENTLESS else 0.0


def _pause_left(campaign: Campaign, at: datetime) -> float:
    pause = pause_seconds(campaign)
    if not pause:
        return 0.0
    last = Attempt.objects.filter(campaign=campaign).order_by("-began_at").values_list("began_at", flat=True).first()
    return max(0.0, pause - (at - last).total_seconds()) if last is not None else 0.0
