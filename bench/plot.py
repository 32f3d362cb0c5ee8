"""Draws what `python -m bench.pacing --json FILE` found: `plots/bin/python bench/plot.py FILE PICTURE.svg`.

In a virtual environment of its own (requirements/plots.txt). The same file gives the same picture, byte for byte.
"""

import json
import sys
from typing import Any, NamedTuple

import matplotlib
import matplotlib.lines
import matplotlib.patches
from matplotlib.axes import Axes
from matplotlib.figure import Figure

matplotlib.use("svg")
matplotlib.rcParams |= {
    "svg.hashsalt": "facegate", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 11,
    "font.sans-serif": ["Helvetica", "Arial", "DejaVu Sans"], "axes.spines.top": False, "axes.spines.right": False,
    "axes.edgecolor": "#6f7a85", "text.color": "#1b1f24", "axes.labelcolor": "#3d444d", "xtick.color": "#3d444d",
}  # fmt: skip

TITLE = "How much of a quota of 5 calls a second is used, and how often a call is refused"


class Colours(NamedTuple):
    bar: str
    text: str  # on it


WINDOWS = {
    "sliding": Colours("#2f6690", "#ffffff"),
    "calendar": Colours("#a9c3d6", "#1b1f24"),
}  # readings of "a second"
EXECUTED, REFUSED = "#2f6690", "#c8442f"
BAR = 0.36
SECONDS = 10


def main() -> int:
    file, picture = sys.argv[1:]
    with open(file, encoding="utf-8") as told:  # noqa: PTH123
        drawn(json.load(told)).savefig(
            picture, metadata={"Date": None, "Creator": None, "Title": TITLE}, bbox_inches="tight", pad_inches=0.15
        )
    return 0


def drawn(found: dict[str, Any]) -> Figure:
    figure = Figure(figsize=(11, 4.6))
    used, calls = figure.subplots(1, 2, sharey=True, width_ratios=[5, 6])
    strategies = list(found["arrivals"])
    used.set_yticks(range(len(strategies)), strategies)
    used.invert_yaxis()
    for axes in (used, calls):
        axes.tick_params(axis="y", length=0)
    _used(used, strategies, [row for row in found["virtual"] if row["ways"] == "steady"])
    _calls(calls, found["arrivals"])
    figure.subplots_adjust(wspace=0.05)
    return figure


def _used(axes: Axes, strategies: list[str], rows: list[dict[str, Any]]) -> None:
    axes.set_title("quota used, and at what price", fontsize=11, loc="left")
    for row in rows:
        at = strategies.index(row["strategy"]) + BAR * (list(WINDOWS).index(row["window"]) - 0.5)
        percent, colour = 100 * row["quota_used"], WINDOWS[row["window"]]
        axes.barh(at, percent, BAR * 0.92, color=colour.bar)
        axes.text(percent + 1.5, at, f"{percent:.1f} %", va="center", fontsize=10)
        axes.text(percent - 1.5, at, _price(row), va="center", ha="right", fontsize=9, color=colour.text)
    handles = [matplotlib.patches.Patch(color=colour.bar, label=f"{name} second") for name, colour in WINDOWS.items()]
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=2, frameon=False, fontsize=10)
    axes.set_xlim(0, 122)
    axes.set_xticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100 %"])


def _calls(axes: Axes, arrivals: dict[str, list[tuple[float, bool]]]) -> None:
    axes.set_title("ten seconds of calls as they arrive, sliding second", fontsize=11, loc="left")
    for at, calls in enumerate(arrivals.values()):
        for admitted, colour, height in ((True, EXECUTED, 0.26), (False, REFUSED, 0.36)):
            moments = [ms / 1000 for ms, was in calls if was is admitted]
            across = [x for moment in moments for x in (moment, moment, None)]  # a gap between any two: one line
            axes.plot(across, [at - height, at + height, None] * len(moments), color=colour, linewidth=1.8)
    handles = [matplotlib.lines.Line2D([], [], color=colour, lw=2, label=said)
               for said, colour in (("executed", EXECUTED), ("refused", REFUSED))]  # fmt: skip
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=2, frameon=False, fontsize=10)
    axes.set_xlim(-0.2, SECONDS)
    axes.set_xticks(range(0, SECONDS + 1, 2), [*map(str, range(0, SECONDS, 2)), f"{SECONDS} s"])
    axes.spines["left"].set_visible(False)


def _price(row: dict[str, Any]) -> str:
    """Where it has any to speak of, of 10,000 calls sent and of one call executed."""
    refused, wasted = row["refused_per_10_000"], row["wasted_per_call"]
    if wasted >= 1:
        return f"{wasted:.0f} invocations wasted a call"
    return f"{refused:,.0f} of 10,000 refused" if refused else ""


if __name__ == "__main__":
    sys.exit(main())
