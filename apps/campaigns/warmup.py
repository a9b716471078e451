"""A bot that sleeps is woken before it gets calls: asked at its address until it answers, never within a transaction.

One try is one task, so nobody sleeps between two: the row says when the next is due. After the last try in vain the
campaign waits a minute, managers are told, and it begins anew.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import requests
from django.conf import settings
from django.db.models import F, Q

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.nudges import nudge
from apps.notify import services as notify

logger = logging.getLogger(__name__)

AWAKE_FOR = timedelta(minutes=5)  # after its last answer; calls to it keep it awake as well
FIRST_WAIT = timedelta(seconds=1)  # after the first try in vain, twice as long after each further one
IN_VAIN = timedelta(minutes=1)


def address(campaign: Campaign) -> str:
    """Where this campaign's bot is woken; "" when there is none to be woken."""
    return (campaign.bot_warmup_url or settings.BOT_WARMUP_URL) if campaign.mode == Campaign.Mode.AGENTLESS else ""


def is_awake(campaign: Campaign, at: datetime) -> bool:
    """Whether calls may be made: there is no bot to wake, or it answered lately."""
    return not address(campaign) or (campaign.bot_awake_until is not None and campaign.bot_awake_until > at)


def ask_soon(campaign: Campaign, at: datetime) -> bool:
    """Have the bot asked, if a try is due and nobody else is at it."""
    due = Q(bot_ask_at__isnull=True) | Q(bot_ask_at__lte=at)
    # Longer than the try lasts, so that one whose process died is tried again.
    until = at + timedelta(milliseconds=settings.BOT_WARMUP_TIMEOUT) + timedelta(seconds=10)
    if not Campaign.objects.running().filter(due, pk=campaign.pk).update(bot_ask_at=until):
        return False
    nudge("apps.campaigns.tasks.wake_bot", campaign.pk)
    return True


def ask(campaign_id: int) -> bool:
    """One try. True: the bot is awake, and the campaign dials."""
    campaign = Campaign.objects.select_related("client").get(pk=campaign_id)
    url = address(campaign)
    if not url or campaign.status != Campaign.Status.RUNNING:
        return False
    trouble, at = _trouble(url), clock.now()
    rows = Campaign.objects.filter(pk=campaign_id)
    if not trouble:
        rows.update(bot_awake_until=at + AWAKE_FOR, bot_tries=0, bot_ask_at=None)
        nudge("apps.campaigns.tasks.step", campaign_id)
        return True
    logger.warning("The bot of campaign %s was not woken: %s", campaign_id, trouble)
    rows.update(bot_tries=F("bot_tries") + 1, bot_ask_at=at + FIRST_WAIT * 2**campaign.bot_tries)
    if campaign.bot_tries + 1 >= settings.BOT_WARMUP_RETRIES:
        rows.update(bot_tries=0, bot_ask_at=at + IN_VAIN, next_try_at=at + IN_VAIN)
        notify.warn(
            f"campaign-bot-sleeps:{campaign.public_id}",
            f"The bot of the campaign {campaign} does not wake up: {trouble} No calls are made until it does.",
            client=campaign.client,
        )  # fmt: skip
    return False


def _trouble(url: str) -> str:
    """Ask once; what went wrong, in a sentence, or ""."""
    wait = settings.BOT_WARMUP_TIMEOUT / 1000
    try:
        # What it says does not matter, so it is not read; an address elsewhere is not followed.
        with requests.get(url, timeout=(min(5, wait), wait), allow_redirects=False, stream=True) as reply:
            return "" if 200 <= reply.status_code < 300 else f"It answered with status {reply.status_code}."
    except requests.RequestException as error:
        return f"It did not answer ({type(error).__name__})."
