import pytest

from callcenter import health
from callcenter.tasks import heartbeat


def test_the_process_says_that_it_lives(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_probe_by_address_and_plain_http_is_answered_even_in_production(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["calls.example.com"]

    assert client.get("/healthz", headers={"host": "10.1.2.3:8000"}).status_code == 200


@pytest.mark.django_db
def test_without_a_worker_the_site_is_not_ready_and_says_what_to_start(client):
    reply = client.get("/readyz")

    assert reply.status_code == 503
    body = reply.json()
    assert body["database"] == body["valkey"] == "ok"
    assert "celery -A callcenter worker" in body["worker"]


@pytest.mark.django_db
def test_with_a_heartbeat_the_site_is_ready(client):
    heartbeat()

    reply = client.get("/readyz")

    assert reply.status_code == 200
    assert reply.json() == {"status": "ok", "database": "ok", "valkey": "ok", "worker": "ok"}


@pytest.mark.django_db
def test_a_heartbeat_expires_by_itself():
    heartbeat()

    assert 0 < health.valkey().ttl(health.HEARTBEAT_KEY) <= health.HEARTBEAT_LIVES_S


@pytest.mark.django_db
def test_the_figures_are_for_this_machine_or_a_known_scraper(client, settings):
    settings.METRICS_TOKEN = "a-long-random-token"

    assert b"callcenter_calls_open 0.0" in client.get("/metrics").content
    assert client.get("/metrics", REMOTE_ADDR="198.51.100.7").status_code == 403
    assert client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 403
    known = {"authorization": "Bearer a-long-random-token"}
    assert client.get("/metrics", REMOTE_ADDR="198.51.100.7", headers=known).status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="198.51.100.7", headers={"authorization": "Bearer "}).status_code == 403


@pytest.mark.django_db
def test_without_a_token_nobody_elsewhere_reads_the_figures(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", REMOTE_ADDR="198.51.100.7", headers={"authorization": "Bearer "}).status_code == 403
