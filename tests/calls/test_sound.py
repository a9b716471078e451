"""What an operator's telephone measures on a call: kept, judged, told."""

from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.test import APIClient

from apps.calls import sound
from apps.calls.models import SoundBucket, SoundLimits
from apps.calls.quality import Sample
from apps.core import clock
from apps.core.models import Event
from apps.core.refused import Refused
from apps.live import desk_state, snapshot
from apps.live.scope import Scope
from tests import factories

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon():
    clock.freeze(NOON)
    yield
    clock.release()


@pytest.fixture
def operator():
    return factories.OperatorFactory(user__role="operator", presence="available")


@pytest.fixture
def line(operator):
    """The operator's line in a conversation that began a minute ago."""
    call = factories.CallFactory(client=operator.team.client, operator=operator)
    held = factories.EngagementFactory(operator=operator, purpose="desk_call", call_ref=call.public_id)
    factories.LegFactory(call=call, role="customer", status="in-progress")
    return factories.LegFactory(
        call=call, role="operator", status="in-progress", operator=operator, engagement=held,
        created_at=NOON - timedelta(minutes=1),
    )  # fmt: skip


def measured(seconds: int, *, loss: float = 0, n: int = 10) -> list[Sample]:
    """Samples of the ten seconds that began `seconds` before noon."""
    begun = NOON - timedelta(seconds=seconds)
    return [Sample(begun + timedelta(seconds=i), 5, 60, loss) for i in range(n)]


def told(line) -> list[str]:
    return list(
        Event.objects.filter(call_ref=line.call.public_id, kind__startswith="calls.sound").order_by("pk")
        .values_list("kind", flat=True)
    )  # fmt: skip


def test_measurements_are_kept_by_ten_seconds(line):
    sound.keep(line, measured(30) + measured(20, loss=2, n=5))

    rows = SoundBucket.objects.values_list("at", "samples", "jitter_ms", "round_trip_ms", "loss_percent", "mos")
    assert list(rows) == [
        (NOON - timedelta(seconds=30), 10, 5, 60, 0, 4.37), (NOON - timedelta(seconds=20), 5, 5, 60, 2, 4.24),
    ]  # fmt: skip


def test_telling_the_same_ten_seconds_again_changes_nothing(line):
    sound.keep(line, measured(30))
    sound.keep(line, measured(30, loss=50) + measured(20))

    assert list(SoundBucket.objects.values_list("loss_percent", flat=True)) == [0, 0]
    assert told(line) == []


def test_bad_sound_is_told_once_when_it_begins_and_once_when_it_ends(line, operator):
    for seconds, loss in ((50, 0), (40, 20), (30, 20), (20, 0)):
        sound.keep(line, measured(seconds, loss=loss))
        (row,) = snapshot.board(Scope(None))["calls"]
        complaint = "score 2.12, 20 % lost" if loss else ""
        assert row["sound"] == complaint
        assert desk_state.states([operator.pk])[operator.pk]["call"]["sound"] == complaint

    assert told(line) == ["calls.sound_bad", "calls.sound_good"]


def test_each_client_has_limits_of_its_own(line):
    factories.ClientFactory()
    SoundLimits.objects.create(client=line.call.client, mos=1, loss_percent=30)

    sound.keep(line, measured(30, loss=20))

    assert SoundBucket.objects.get().complaint == ""


@pytest.mark.parametrize("seconds", [600, -600])
def test_measurements_of_another_time_are_refused(line, seconds):
    with pytest.raises(Refused, match="another time"):
        sound.keep(line, [*measured(30), *measured(seconds)])

    assert not SoundBucket.objects.exists()


def api(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def body(**changes) -> dict:
    sample = {"at": NOON.isoformat(), "jitter_ms": 5, "round_trip_ms": 60, "loss_percent": 0} | changes
    return {"samples": [sample]}


def test_a_desk_posts_what_it_measures_and_those_who_may_see_the_call_read_it(line, operator):
    path = f"/api/v1/calls/{line.call.public_id}/quality/"

    posted = api(operator.user).post(path, body(mos=3.9), format="json")

    row = {
        "leg": str(line.public_id), "at": "2026-03-02T12:00:00Z", "samples": 1, "jitter_ms": 5.0,
        "round_trip_ms": 60.0, "loss_percent": 0.0, "mos": 3.9, "complaint": "",
    }  # fmt: skip
    assert (posted.status_code, posted.json()) == (200, [row])
    reader = factories.UserFactory(role="supervisor", clients=[line.call.client])
    assert api(reader).get(path).json() == [row]


@pytest.mark.parametrize(
    "changes", [{"loss_percent": 101}, {"jitter_ms": -1}, {"mos": 6}, {"at": "yesterday"}, {"round_trip_ms": "NaN"}]
)
def test_what_cannot_be_measured_is_refused(line, operator, changes):
    path = f"/api/v1/calls/{line.call.public_id}/quality/"

    refused = api(operator.user).post(path, body(**changes), format="json")

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert not SoundBucket.objects.exists()


def test_nobody_measures_the_line_of_another(line):
    path = f"/api/v1/calls/{line.call.public_id}/quality/"
    colleague = factories.OperatorFactory(user__role="operator", team=line.operator.team)
    supervisor = factories.UserFactory(role="supervisor", clients=[line.call.client])

    for user, wanted in ((colleague.user, (404, "not_found")), (supervisor, (409, "not_an_operator"))):
        refused = api(user).post(path, body(), format="json")
        assert (refused.status_code, refused.json()["code"]) == wanted
    with pytest.raises(Refused, match="no line in this call"):
        sound.line_of(line.call, colleague)
    assert not SoundBucket.objects.exists()
