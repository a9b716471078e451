import pytest


def test_the_process_says_that_it_lives(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_without_a_worker_the_site_is_not_ready_and_says_what_to_start(client):
    reply = client.get("/readyz")

    assert reply.status_code == 503
    body = reply.json()
    assert body["database"] == body["valkey"] == "ok"
    assert "celery -A callcenter worker" in body["worker"]


@pytest.mark.django_db
def test_with_a_heartbeat_the_site_is_ready(client):
    from callcenter.tasks import heartbeat

    heartbeat()

    reply = client.get("/readyz")

    assert reply.status_code == 200
    assert reply.json() == {"status": "ok", "database": "ok", "valkey": "ok", "worker": "ok"}
