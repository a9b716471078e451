import pytest

from callcenter import celery


def test_the_timetable_holds_what_the_apps_declare():
    timetable = celery.timetable()

    entry = timetable["callcenter.heartbeat"]
    assert entry["task"] == "callcenter.tasks.heartbeat"
    assert entry["schedule"] == 5.0


def test_every_scheduled_task_exists():
    celery.app.loader.import_default_modules()

    missing = {entry["task"] for entry in celery.timetable().values()} - set(celery.app.tasks)
    assert missing == set()


def test_missed_ticks_do_not_pile_up():
    for entry in celery.timetable().values():
        assert entry["options"]["expires"] >= entry["schedule"]


def test_two_apps_cannot_use_one_name():
    entry = {"task": "apps.core.tasks.sweep", "every_seconds": 1}

    with pytest.raises(ValueError, match=r"core\.sweep"):
        celery.merge([{"core.sweep": entry}, {"core.sweep": entry}])
