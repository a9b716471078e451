"""`up` for real: the servers, the sandbox, web and worker as children, in a folder and on ports of their own."""

import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from callcenter.data import FolderTaken, locked
from callcenter.parts import Parts
from callcenter.processes import _birth, http_status, poll, reap, spawn
from callcenter.supervisor import Supervisor
from tests.support.running import Running, two_free_ports, up

PARTS = {"database", "valkey", "sound", "sandbox", "web", "worker"}


def gone(pids: dict[str, int]) -> bool:
    return not any(alive(pid) for pid in pids.values())


def alive(pid: int) -> bool:
    # A child that nobody has waited for yet is dead all the same.
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.slow
def test_up_starts_everything_survives_falls_and_stops_within_seconds(tmp_path):
    with up(tmp_path / "data", "--no-demo") as running:
        running.wait_for("Ctrl-C stops everything.")
        assert running.ready()
        assert running.pids().keys() == PARTS
        assert running.said("admin")

        # Any command in a second shell finds the servers through run.json.
        notes = json.loads((running.folder / "run.json").read_text())
        assert notes["base_url"] == f"http://127.0.0.1:{running.port}"
        assert (running.folder / "run.json").stat().st_mode & 0o077 == 0
        assert (running.folder / "secrets.json").stat().st_mode & 0o077 == 0

        # Beat keeps the timetable in the database, where the admin shows it.
        with psycopg.connect(notes["database_url"]) as database:
            query = "SELECT 1 FROM django_celery_beat_periodictask WHERE name = 'callcenter.heartbeat'"
            assert poll(lambda: database.execute(query).fetchone() is not None, timeout_s=30)

        # A second start on the same folder is refused with a sentence.
        second = Running(running.folder, two_free_ports(), "--no-demo")
        assert second.process.wait(60) == 1
        assert second.said("Another call center runs on")

        for part in ("web", "sound"):
            os.kill(running.pid(part), signal.SIGKILL)
            running.wait_for(f"{part} runs again.")
        assert running.ready()

        pids = running.pids()
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(20) == 0
        assert gone(pids)
        assert not (running.folder / "run.json").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux tells children that their parent died.")
def test_a_killed_up_leaves_no_orphan_and_the_next_start_recovers(tmp_path):
    with up(tmp_path / "data", "--no-demo") as first:
        first.wait_for("Ctrl-C stops everything.")
        pids = first.pids()
        first.process.kill()
        first.process.wait()
        assert poll(lambda: gone(pids), timeout_s=15), [name for name, pid in pids.items() if alive(pid)]

    with up(tmp_path / "data", "--no-demo") as again:
        again.wait_for("Ready after", timeout_s=60)
        assert again.ready()


@pytest.mark.slow
def test_a_taken_port_is_refused_with_a_sentence_and_nothing_is_left_running(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        running = Running(tmp_path / "data", taken.getsockname()[1])

        assert running.process.wait(60) == 1

    assert running.said("is taken")
    assert running.pids() == {}


def test_a_sound_engine_that_cannot_start_is_said_and_tried_again_until_it_can(tmp_path, capsys):
    supervisor = Supervisor(port=two_free_ports(), folder=tmp_path, demo=False)
    try:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            supervisor.parts = Parts(supervisor.parts.port, tmp_path, sound_port=other.getsockname()[1])
            supervisor.parts.logs.mkdir()
            supervisor._begin_sound()
            (sound,) = supervisor.watched
            supervisor._look_after(sound)
        assert sound.child is None, "not at once again"
        assert "The sandbox's calls have no sound until it starts." in capsys.readouterr().out
        sound.again_at = 0.0
        supervisor._look_after(sound)
        assert capsys.readouterr().out == "sound runs again.\n"
        assert http_status(f"{supervisor.parts.sound_url}/status") == 200
    finally:
        supervisor._stop()


def test_a_folder_is_locked_for_one(tmp_path):
    with (
        locked(tmp_path / "up.lock"),
        pytest.raises(FolderTaken, match="Another call center"),
        locked(tmp_path / "up.lock"),
    ):
        pass
    with locked(tmp_path / "up.lock"):
        pass


def test_what_an_earlier_run_left_is_ended(tmp_path):
    child = spawn("web", [sys.executable, "-c", "import signal; signal.pause()"], env=dict(os.environ), pids=tmp_path)

    # Its parent, this test, must collect it, or it stays in the table of processes.
    waiter = threading.Thread(target=child.process.wait)
    waiter.start()
    assert reap(tmp_path) == ["web"]
    waiter.join(10)
    assert not child.alive
    assert list(tmp_path.iterdir()) == []


def test_a_number_that_belongs_to_another_process_by_now_is_left_alone(tmp_path):
    (tmp_path / "web.pid").write_text(f"{os.getpid()}\n{_birth(os.getpid())}0\n")

    assert reap(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
