"""The timeline of a campaign as an SVG: a line for each verification, a mark for each call, faults as bands behind."""

from collections.abc import Callable, Iterator
from html import escape

from chaos.history import Band, History, Life, Seen
from chaos.judge import ENDED, paired

WIDTH, LEFT, RIGHT, TOP, ROW, FOOT = 1200, 40, 20, 92, 4.0, 34  # pixels
BAND_TOP, BAND_ROW, LETTER = 34, 12, 5.2
BANDS = {"weather": "#c7d2fe", "receiver": "#fecaca", "events": "#fde68a"}
# fmt: off
MARKS = {  # what is drawn of a call, in the order of the legend
    "answered":     "#16a34a",
    "no answer":    "#dc2626",  # on the bill, and its answer arrived nowhere
    "not executed": "#f59e0b",  # asked, and on no bill
}
ENDS = {
    "verified": "#15803d", "rejected": "#b91c1c", "requires_review": "#a16207", "errored": "#7e22ce",
    "canceled": "#6b7280", "expired": "#111827",
}
# fmt: on
STYLE = (
    "text{font:10px ui-sans-serif,system-ui,sans-serif;fill:#334155}.t{font-size:13px;font-weight:600}"
    ".w{stroke:#cbd5e1;stroke-width:1.2}.k{stroke:#0f172a;stroke-width:.5;stroke-dasharray:1 3;opacity:.35}"
)


def drawn(history: History) -> str:
    lives = sorted((life for life in history.lives if life.seen), key=_begins)
    height = TOP + len(lives) * ROW + FOOT
    shapes = [*_bands(history, height), *_kills(history, height), *_axis(history, height), *_legend(height)]
    for place, life in enumerate(lives):
        shapes += _line(life, history, TOP + place * ROW + ROW / 2)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img">'
    title = f"{len(lives)} verifications, {len(history.kills)} workers killed, seed {history.seed}"
    back = f'<rect width="{WIDTH}" height="{height:.0f}" fill="#fff"/><text class="t" x="{LEFT}" y="20">{title}</text>'
    return "\n".join([head, f"<title>{title}</title><style>{STYLE}</style>", back, *shapes, "</svg>\n"])


def _begins(life: Life) -> float:
    known = [life.acknowledged_s, life.seen[0].at_s, *life.sent_s[:1]]
    return min(at_s for at_s in known if at_s is not None)


def _line(life: Life, history: History, y: float) -> Iterator[str]:
    """From the opening to the end, its uploads and calls on it, then the last webhook that was taken."""
    end = next((seen for seen in life.seen if seen.state in ENDED), None)
    until_s = end.at_s if end else history.ended_s
    x = _x(history)
    yield f'<line class="w" x1="{x(_begins(life)):.1f}" x2="{x(until_s):.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
    yield from (_dot(x(at_s), y, "#0ea5e9", 0.8, "uploaded") for at_s in life.sent_s)
    yield from (_tick(x(at_s), y, MARKS[kind], said) for at_s, kind, said in _calls(life))
    if end:
        yield _dot(x(until_s), y, _colour(end), 1.5, f"{life.id} {end.status}")
    if told := [one.at_s for one in life.told if one.taken and one.final]:
        yield _dot(x(max(told)), y, "#1d4ed8", 0.9, "told")


def _calls(life: Life) -> Iterator[tuple[float, str, str]]:
    """When, what came of it, and the vendor's words."""
    pairs, rest = paired(life)
    for call, row in pairs:
        yield call.at_s, "answered" if row and row.code else "no answer", f"{call.vendor} {call.code}"
    yield from ((row.started_s, "not executed", row.vendor) for row in rest)


def _bands(history: History, height: float) -> Iterator[str]:
    """In the lines at the top by kind; what the receiver does also reaches down behind the verifications."""
    for place, (kind, shade) in enumerate(BANDS.items()):
        y = BAND_TOP + place * (BAND_ROW + 2)
        for band in (band for band in history.bands if band.kind == kind):
            yield _band(band, history, y, BAND_ROW, shade, 1)
            if kind == "receiver":
                yield _band(band, history, TOP, height - TOP - FOOT, shade, 0.35)


def _band(band: Band, history: History, y: float, tall: float, shade: str, opacity: float) -> str:
    x, said = _x(history), escape(f"{band.kind}: {band.detail}")
    at, wide = x(band.from_s), max(1, x(band.to_s) - x(band.from_s))
    text = f'<text x="{at + 2:.1f}" y="{y + 9:.1f}">{said}</text>' if opacity == 1 and wide > LETTER * len(said) else ""
    return (
        f'<rect x="{at:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="{shade}" opacity="{opacity}">'
        f"<title>{said}</title></rect>{text}"
    )


def _kills(history: History, height: float) -> Iterator[str]:
    x = _x(history)
    for kill in history.kills:
        said = escape(f"{kill.function} killed, at: {kill.at}")
        at = f'x1="{x(kill.at_s):.1f}" x2="{x(kill.at_s):.1f}"'
        yield f'<line class="k" {at} y1="{TOP - 14}" y2="{height - FOOT:.1f}"><title>{said}</title></line>'


def _axis(history: History, height: float) -> Iterator[str]:
    x, step = _x(history), next(step for step in (5, 10, 30, 60, 120) if history.ended_s / step <= 14 or step == 120)
    for at_s in range(0, int(history.ended_s) + 1, step):
        yield f'<text x="{x(at_s):.1f}" y="{height - FOOT + 12:.1f}" text-anchor="middle">{at_s} s</text>'


def _legend(height: float) -> Iterator[str]:
    named = {**MARKS, **ENDS, "told": "#1d4ed8", "uploaded": "#0ea5e9"}
    for place, (name, shade) in enumerate(named.items()):
        at = LEFT + place * (WIDTH - LEFT - RIGHT) / len(named)
        yield f'<circle cx="{at:.1f}" cy="{height - 9:.1f}" r="3" fill="{shade}"/>'
        yield f'<text x="{at + 6:.1f}" y="{height - 6:.1f}">{name.replace("_", " ")}</text>'


def _x(history: History) -> Callable[[float], float]:
    across = (WIDTH - LEFT - RIGHT) / max(1.0, history.ended_s)
    return lambda at_s: LEFT + at_s * across


def _dot(x: float, y: float, shade: str, radius: float, said: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{shade}"><title>{escape(said)}</title></circle>'


def _tick(x: float, y: float, shade: str, said: str) -> str:
    return (
        f'<rect x="{x - 0.7:.1f}" y="{y - ROW / 2:.1f}" width="1.4" height="{ROW}" fill="{shade}">'
        f"<title>{escape(said)}</title></rect>"
    )


def _colour(end: Seen) -> str:
    return ENDS.get(end.status, "#111827")
