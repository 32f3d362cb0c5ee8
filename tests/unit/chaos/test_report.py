"""What a person is shown of a campaign: the figures, the facts and the picture."""

import io
import xml.etree.ElementTree as Xml
from dataclasses import replace

from rich.console import Console

from chaos import judge, picture, report
from chaos.history import Band, History, Kill, Life
from tests.unit.chaos.planted import END, SILENT, sound

SVG = "{http://www.w3.org/2000/svg}"


def full() -> History:
    made = sound()
    made.kills = [Kill(1.0, "run-check", "vendor"), Kill(2.0, "run-check", "idle"), Kill(3.0, "sweep", "idle")]
    made.bands = [Band("receiver", "hangs <", 1.0, 4.0), Band("weather", "20% of the calls", 0.0, 8.0)]
    made.faults, made.calls, made.ended_s, made.unparsable = [(2.5, "truncated")], 4, 20.0, 3
    made.duplicates = {"late event": 2}
    return made


def printed(made: History) -> str:
    out = io.StringIO()
    report.show(made, judge.figures(made), Console(file=out, width=160))
    return out.getvalue()


def test_a_report_names_every_figure_its_rule_and_what_was_done() -> None:
    text = printed(full())
    for name, (rule, _) in judge.RULES.items():
        assert name in text and rule in text
    for fact in ("3 workers", "4 calls reached the vendors, 25% met a fault", "3 of 3 unparsable", "2 late event"):
        assert fact in text


def test_what_breaks_a_rule_is_named() -> None:
    made = full()
    made.lives[0].told = []
    assert "undelivered: evt_1_1" in printed(made)
    told = report.told(made, judge.figures(made))
    assert told["figures"]["undelivered"] == 1 and told["broken"] == {"undelivered": ["evt_1_1"]}


def test_kills_are_counted_by_function_and_by_whom_the_victim_talked_to() -> None:
    assert report.kills(full()) == {"run-check": {"vendor": 1, "idle": 1}, "sweep": {"idle": 1}}


def test_the_picture_has_a_line_for_each_verification_and_a_mark_for_each_call() -> None:
    made = full()
    made.lives[0].rows.append(replace(SILENT, id="att_9", started_s=7.0, ended_s=7.1))  # cut off before it was executed
    made.lives.append(Life("ver_2", "tenant", seen=[END]))
    drawn = Xml.fromstring(picture.drawn(made))  # noqa: S314  our own
    marks = [shape.get("fill") for shape in drawn.iter(f"{SVG}rect")]
    assert len([line for line in drawn.iter(f"{SVG}line") if line.get("class") == "w"]) == 2
    assert len([line for line in drawn.iter(f"{SVG}line") if line.get("class") == "k"]) == 3
    assert [marks.count(shade) for shade in picture.MARKS.values()] == [1, 1, 1]
    assert "hangs <" in [title.text.removeprefix("receiver: ") for title in drawn.iter(f"{SVG}title") if title.text]


def test_an_empty_campaign_is_drawn_and_reported_too() -> None:
    made = History(7, 0)
    assert "seed 7" in picture.drawn(made) and "0 verifications" in printed(made)
