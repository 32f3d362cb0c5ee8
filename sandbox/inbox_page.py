"""The inbox as one page, newest first: no script, nothing fetched, everything that arrived escaped."""

from html import escape
from pathlib import Path
from string import Template
from typing import Any

PAGE = Template(Path(__file__).with_suffix(".html").read_text("utf-8"))
COLUMNS = ("at", "name", "type", "verification", "id", "attempt", "answered")
NOTHING = '<tr><td colspan="9">Nothing has arrived yet. 尚未收到任何消息。</td></tr>'


def render(messages: list[dict[str, Any]]) -> str:
    rows = "\n".join(_row(message) for message in reversed(messages))
    return PAGE.substitute(rows=rows or NOTHING, count=len(messages))


def _row(message: dict[str, Any]) -> str:
    cells = "".join(f"<td>{escape(str(message[name] or ''))}</td>" for name in COLUMNS)
    held = "ok" if message["signature"] == "verified" else "bad"
    said = f'<td class="{held}">{escape(message["signature"])}</td>'
    return f"<tr>{cells}{said}<td><details><summary>…</summary><pre>{escape(message['body'])}</pre></details></td></tr>"
