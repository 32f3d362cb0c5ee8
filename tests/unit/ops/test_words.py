"""What a make word does not take is one line in its own words."""

import re

import pytest

from chaos import __main__ as chaos
from ops import reconcile, tenant_limits, usage
from tests.unit.crashes import __main__ as schedules


@pytest.mark.parametrize("count", ["0", "-3", "x", "1.5", "", "1" * 12])
@pytest.mark.parametrize(("word", "of"), [("make chaos", chaos.parser), ("make schedules", schedules.parser)])
def test_nothing_is_begun_for_a_count_of_nothing(
    word: str, of: object, count: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        of().parse_args([f"--count={count}"])  # type: ignore[operator]
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"{word}: COUNT: `{count}` is no whole number from 1 on\n"


@pytest.mark.parametrize("slower", ["0", "-1", "nan", "inf", "x"])
def test_a_campaign_is_slower_by_a_number(slower: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        chaos.parser().parse_args([f"--slower={slower}"])
    assert capsys.readouterr().err == f"make chaos: SLOWER: `{slower}` is no number above 0\n"


def test_a_port_of_the_environment_is_read_as_one_that_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "4810")
    assert chaos.parser().parse_args([]).port == 4810
    monkeypatch.setenv("PORT", "x")
    with pytest.raises(SystemExit):
        chaos.parser().parse_args([])
    assert capsys.readouterr().err == "make chaos: PORT: invalid int value: 'x'\n"


def test_what_is_good_is_taken() -> None:
    asked = chaos.parser().parse_args(["--count", "50", "--slower", "1.5"])
    assert (asked.count, asked.slower, schedules.parser().parse_args(["--count", "1"]).count) == (50, 1.5, 1)


@pytest.mark.parametrize("main", [reconcile.main, usage.main, tenant_limits.main])
def test_a_word_that_is_unknown_is_one_line(main: object, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--name", "acme", "--foo"])  # type: ignore[operator]
    assert ended.value.code == 2 and re.fullmatch(r"make [a-z-]+: .*--foo\n", capsys.readouterr().err)
