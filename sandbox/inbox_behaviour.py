"""How the next deliveries are answered: what may be asked for, and what is usual."""

from typing import Any

USUAL = {"status": 204, "times": 0, "delay_s": 0.0, "cut": 0}
FIELDS: dict[str, tuple[Any, int, int]] = {  # kind, least, most
    "status": (int, 200, 599), "times": (int, 0, 1000), "delay_s": ((int, float), 0, 60),
    "cut": (int, 0, 1),  # 1: the connection is cut in place of the answer
}  # fmt: skip
FORM = (
    'send {"status": 500, "times": 2, "delay_s": 0, "cut": 0}: 200 to 599, at most 1000 times, at most 60 s, 1 to hang '
    "up; nothing else"
)


def read(given: dict[str, Any]) -> dict[str, Any] | None:
    """None where it is of another form: a slip must not look like a receiver that works."""
    wanted = {**USUAL, "times": 1, **given}
    known = bool(given) and wanted.keys() == FIELDS.keys()
    return wanted if known and all(_fits(wanted[name], *bounds) for name, bounds in FIELDS.items()) else None


def _fits(value: Any, kind: Any, least: int, most: int) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool) and least <= value <= most
