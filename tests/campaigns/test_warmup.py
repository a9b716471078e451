"""A bot is woken before it gets calls: asked until it answers, three times at most, and never within a transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from apps.campaigns import overview, warmup
from apps.campaigns.models import Attempt
from apps.core import clock
from apps.notify.models import Notice


class Bot:
    """Answers with the statuses of `says`, one after the other, the last one for ever."""

    def __init__(self) -> None:
        self.says, self.asked = [200], 0
        bot = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status = bot.says[min(bot.asked, len(bot.says) - 1)]
                bot.asked += 1
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/wake"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def bot() -> Iterator[Bot]:
    bot = Bot()
    yield bot
    bot.stop()


@pytest.fixture
def woken(hall, bot):
    """A running campaign whose bot is woken first."""
    hall.contact()
    hall.campaign.bot_warmup_url = bot.url
    hall.campaign.save()
    hall.runs()
    return hall


def test_nobody_is_dialled_before_the_bot_answers(woken, bot):
    assert woken.reserves() == 0
    assert overview.why(woken.now(woken.campaign))[0] == "The bot is being woken: calls begin when it answers."

    assert warmup.ask(woken.campaign.pk)
    assert woken.reserves() == 1
    assert bot.asked == 1


def test_each_try_in_vain_waits_longer_and_after_the_last_the_campaign_waits_and_says_so(woken, bot):
    bot.says = [503]
    waits = []
    for _try in range(3):
        assert not warmup.ask(woken.campaign.pk)
        campaign = woken.now(woken.campaign)
        waits.append((campaign.bot_ask_at - clock.now()).total_seconds())

    assert waits == [1, 2, 60]
    assert (campaign.bot_tries, campaign.next_try_at) == (0, clock.now() + timedelta(minutes=1))
    assert "does not wake up: It answered with status 503." in Notice.objects.get().text
    assert not Attempt.objects.exists()


def test_a_bot_that_answers_at_the_third_try_is_awake(woken, bot):
    bot.says = [500, 302, 204]
    assert [warmup.ask(woken.campaign.pk) for _try in range(3)] == [False, False, True]
    assert woken.reserves() == 1


def test_only_one_process_asks_and_a_bot_sleeps_again_after_a_while(woken):
    campaign, now = woken.now(woken.campaign), clock.now()
    assert warmup.ask_soon(campaign, now)
    assert not warmup.ask_soon(campaign, now)

    warmup.ask(campaign.pk)
    campaign = woken.now(campaign)
    assert warmup.is_awake(campaign, now + timedelta(minutes=4))
    assert not warmup.is_awake(campaign, now + timedelta(minutes=6))


def test_the_houses_address_counts_where_the_campaign_names_none(hall, bot, settings):
    settings.BOT_WARMUP_URL = bot.url
    hall.contact()
    hall.runs()
    assert hall.reserves() == 0
    assert warmup.ask(hall.campaign.pk)
    assert hall.reserves() == 1
