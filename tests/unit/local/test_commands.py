"""The commands of `make run`, `make up` and `make down`: what they refuse before anything starts, and how they end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local import __main__ as command
from local import journey, processes, stack
from local.home import PORTS, Home
from sandbox import scenarios

# a program that starts a worker in its own group, says so, and lives on
PROGRAM = "import subprocess, sys, time; subprocess.Popen(['sleep', '60']); print('up', flush=True); time.sleep(60)"


@pytest.fixture(autouse=True)
def same_signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in processes.STOPS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("FACEGATE_HOME", str(tmp_path))
    monkeypatch.delenv("PORT", raising=False)
    return Home(tmp_path)


@pytest.fixture
def untouched(home: Home, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was started, where nothing may be."""
    started: list[str] = []
    monkeypatch.setattr(stack, "up", lambda *_, **__: started.append("stack"))
    monkeypatch.setattr(journey, "travel", lambda *_: started.append("journey"))
    return started


def running(home: Home, port: int = 5600) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], start_new_session=True, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"up\n"
    processes.write_pids(home, {"ministack": process.pid})
    home.environment_file.write_text(f"FACEGATE_URL='http://127.0.0.1:{port}'\n")
    return process


def group_is_gone(group: int) -> bool:
    return not processes.group_lives(group)


@pytest.mark.parametrize("name", ["typo", "raw:nobody:Success", "raw:tencent_reflect", "spoof*0", "spoof@Error", "*2"])
def test_a_scenario_that_is_none_starts_nothing_and_names_those_there_are(
    name: str, untouched: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["run", "--scenario", name]) == 2
    said = capsys.readouterr().out
    assert all(each in said for each in scenarios.TABLE) and "raw:tencent_reflect:" in said
    assert untouched == []


@pytest.mark.parametrize(
    "name",
    ["spoof", "limited*2", "raw:tencent_reflect:FailedOperation.ImageBlur", "raw:tencent_reflect:Never.Heard@Error",
     "raw:tencent_reflect:Never.Heard@Error*3"],
)  # fmt: skip
def test_a_scenario_in_every_form_is_admitted(name: str, untouched: list[str]) -> None:
    assert command.main(["run", "--scenario", name]) == 0
    assert untouched == ["stack", "journey"]


def test_a_photo_that_is_not_there_starts_nothing(untouched: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["run", "--photo", "/no/photo.jpg"]) == 2
    assert "/no/photo.jpg is not a file" in capsys.readouterr().out
    assert untouched == []


@pytest.mark.parametrize("word", ["up", "run"])
def test_another_port_than_that_of_the_running_stack_is_not_ignored(
    word: str, home: Home, untouched: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "5700")
    process = running(home)
    try:
        assert command.main([word]) == 2
        said = capsys.readouterr().out
        assert "5600 to 5604" in said and "5700" in said and "FACEGATE_HOME=" in said
        assert untouched == []
        monkeypatch.setenv("PORT", "5600")
        assert command.main([word]) == 0
    finally:
        stack.down(home)
        process.communicate()


def test_without_a_port_the_running_stack_is_found_on_its_own(home: Home) -> None:
    process = running(home, 5600)
    try:
        assert processes.find_home() == Home(home.root, 5600)
    finally:
        stack.down(home)
        process.communicate()
    assert processes.find_home() == Home(home.root)


def test_a_port_that_is_no_number_is_one_line(
    untouched: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for port in ("http", "65535", "0"):
        monkeypatch.setenv("PORT", port)
        assert command.main(["up"]) == 2
        assert "PORT" in capsys.readouterr().out
    assert untouched == []


def test_down_ends_whole_groups_and_nothing_interrupts_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    process = running(home)
    seen = []
    monkeypatch.setattr(stack, "stop_all", lambda home: seen.append(handlers()) or processes.stop_all(home))  # type: ignore[func-returns-value]
    before = handlers()
    assert stack.down(home) == ["ministack"]
    process.communicate()

    assert group_is_gone(process.pid)
    assert seen == [[signal.SIG_IGN] * len(processes.STOPS)] and handlers() == before


def handlers() -> list[object]:
    return [signal.getsignal(number) for number in processes.STOPS]


def test_an_interrupted_run_says_what_is_left_and_not_what_one_hopes(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    process = running(home)
    monkeypatch.setattr(journey, "travel", interrupted)
    try:
        assert command.main(["run"]) == 130  # the stack was up before, and stays
        assert capsys.readouterr().out == "stopped; still running: ministack. `make down` stops it.\n"
    finally:
        stack.down(home)
        process.communicate()
    monkeypatch.setattr(stack, "up", interrupted)
    assert command.main(["run"]) == 130
    assert capsys.readouterr().out == "stopped; nothing is left running\n"


TWICE = """
import sys, time
from local import __main__ as command, processes, stack
from local.home import Home
home = Home({root!r})

def up(home, console):
    program = [sys.executable, "-c", {program!r}]
    import subprocess
    process = subprocess.Popen(program, start_new_session=True, stdout=subprocess.PIPE)
    process.stdout.readline()
    processes.write_pids(home, {{"ministack": process.pid}})
    print(process.pid, flush=True)
    time.sleep(30)

def slowly(home):
    print("tidying", flush=True)
    time.sleep(0.5)
    return processes.stop_all(home)

stack.up, stack.stop_all = up, slowly
sys.exit(command.main([{word!r}]))
"""


@pytest.mark.parametrize("word", ["run", "up"])
@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_ctrl_c_does_not_stop_the_tidying_up(word: str, second: int, home: Home) -> None:
    text = TWICE.format(root=str(home.root), program=PROGRAM, word=word)
    environment = {**os.environ, "PYTHONPATH": processes.python_path()}
    with subprocess.Popen(
        [sys.executable, "-c", text], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        group = int(process.stdout.readline())
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.readline() == "tidying\n"
        os.killpg(process.pid, second)
        said, error = process.communicate(timeout=20)
    try:
        assert (process.returncode, error) == (130, "")
        assert said == "stopped; nothing is left running\n"
        assert group_is_gone(group)
    finally:
        processes._signal(group, signal.SIGKILL)


def test_what_starts_is_written_down_before_a_ctrl_c_is_heard(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal between the start of a process and the note of its pid leaves nothing that nobody knows of."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    real, made = subprocess.Popen, []

    def popen(*arguments: Any, **named: Any) -> Any:
        made.append(real(*arguments, **named))
        os.kill(os.getpid(), signal.SIGINT)
        return made[0]

    monkeypatch.setattr(subprocess, "Popen", popen)
    with pytest.raises(KeyboardInterrupt):
        processes.start(home, "sleeper", ["sleep", "60"], {"PATH": os.environ["PATH"]}, "http://127.0.0.1:1")
    assert processes.stop_all(home) == ["sleeper"]
    made[0].wait()


def test_started_programs_write_no_byte_code_beside_the_sources(home: Home) -> None:
    assert processes.plain_environment(home)["PYTHONDONTWRITEBYTECODE"] == "1"


def test_the_ports_of_a_home_are_consecutive() -> None:
    assert [Home(Path(), 5600).port(name) - 5600 for name in PORTS] == list(range(len(PORTS)))


def test_a_group_whose_leader_is_gone_is_seen_by_its_worker(home: Home) -> None:
    process = running(home)
    process.kill()
    process.wait()
    assert processes.group_lives(process.pid)
    assert processes.left(home) == ["ministack"]
    stack.down(home)
    ends = time.monotonic() + 2
    while processes.group_lives(process.pid) and time.monotonic() < ends:
        time.sleep(0.02)
    assert processes.left(home) == []
    assert process.stdout is not None
    process.stdout.close()
