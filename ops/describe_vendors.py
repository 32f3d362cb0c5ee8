"""Writes the tables of docs/vendors anew from the dialects: `python -m ops.describe_vendors [--check]`, or
`make vendor-docs`.

What stands between `<!-- facts NAME -->`, `<!-- codes NAME -->` or `<!-- told NAME -->` and `<!-- end -->` is made
here; the rest of each page is written by hand. `facts`: what a dialect says of itself. `codes`: each row of a vendor's
table with what the catalog says of it. `told`: with which code our endpoint says what the catalog knows, to a client
of that protocol. Needs no setting and no network.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from facegate.opening import NEEDS_SUBJECT
from facegate.problems import Category, Problem
from facegate.vendors import VENDORS, kuaidi100, tencent_id, tencent_reflect, yunjian
from facegate.vendors.dialect import Code, Dialect, Fit, Refusal, Told
from facegate.vendors.tencent_id import retired
from facegate.vendors.tencent_id.codes import RETIRED, SUCCESSOR
from facegate.vendors.yunjian.codes import DOCUMENTED, GATEWAY

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "vendors"
BLOCK = re.compile(
    r"(?P<head><!-- (?P<what>facts|codes|told) (?P<name>[\w.]+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL
)
CODES: dict[str, Sequence[Code]] = {
    "tencent_reflect": tencent_reflect.TABLE, "yunjian": DOCUMENTED, "yunjian.gateway": GATEWAY,
    "tencent_id": SUCCESSOR, "tencent_id.retired": RETIRED, "kuaidi100": kuaidi100.TABLE,
}  # fmt: skip
ASKED: dict[str, tuple[Dialect, Any]] = {  # whose words, and a question they are told about
    "tencent_reflect": (tencent_reflect, tencent_reflect.DetectReflectLivenessAndCompare("", "", "", "")),
    "tencent_id": (tencent_id, tencent_id.ImageRecognitionV2("", "", "")),
    "tencent_id.retired": (retired, retired.IdCardCompare("", "")),
    "yunjian": (yunjian, yunjian.JingmoCompare("", "", "")),
    "kuaidi100": (kuaidi100, kuaidi100.FaceCompare(kuaidi100.Picture(""), kuaidi100.Picture(""))),
}
ALWAYS = {  # whoever is asked; a table may leave no_match to the similarity
    Problem.MATCH, Problem.NO_MATCH, Problem.TOO_LARGE, Problem.BUDGET_REACHED, Problem.INTERNAL,
    Problem.PHOTO_UNREADABLE, Problem.PHOTO_WRONG_SIZE, Problem.VENDOR_BUSY,
    Problem.VENDOR_SILENT, Problem.VENDOR_UNMAPPED, Problem.VENDOR_REFUSES_REQUEST,
}  # fmt: skip
OF_A_PERSON = {Problem.ID_NUMBER_INVALID, Problem.ID_NUMBER_15_DIGITS, Problem.NAME_INVALID, Problem.PERSON_LIMIT}
NEVER = {Problem.MEDIA_SIZE_DIFFERS}  # these protocols declare no sizes
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)  # for ids, which are not shown
SCORE = {Problem.MATCH: 90.0, Problem.NO_MATCH: 10.0}
HEADS = {
    "facts": ("", ""),
    "codes": (
        "code", "in", "HTTP", "words", "means", "category", "fault", "action", "leaves in", "billed", "published"
    ),
    "told": ("we say", "HTTP", "for"),
}  # fmt: skip
UNSAID = {"HTTP": "200", "words": ""}  # a column that says nothing else is left out


def written(page: str) -> str:
    """The page with its tables as the code has them; raises KeyError for a name that is none."""
    return BLOCK.sub(lambda block: block["head"] + block_of(block["what"], block["name"]) + block["end"], page)


def block_of(what: str, name: str) -> str:
    return BLOCKS[what](name)


def facts(name: str) -> str:
    dialect, _ = ASKED[name]
    rows = {
        "kind": _code(dialect.KIND),
        "slots": ", ".join(map(_code, dialect.SLOTS))
        + "".join(f", {_code(slot)} if declared" for slot in dialect.OPTIONAL_SLOTS),
        "looks at": ", ".join(sorted(dialect.ASSESSES)),
        "state": _said_of(dialect.LIFECYCLE),
        "billing as we have it": _said_of(dialect.BILLING),
        "regions of our bucket": ", ".join(map(_code, dialect.REGIONS)),
        "part of the vendor secret": _code(dialect.SECRET),
        "action, for `VendorQuotas`": _code(dialect.COMPARE),
        "photo": _fit(dialect.FIT),
    }
    return _table("facts", rows.items())


def codes(name: str) -> str:
    rows = CODES[name]
    published = sum(row.documented for row in rows)
    return f"{len(rows)} codes, {published} of them on the vendor's own page.\n\n" + _table("codes", map(_row, rows))


def told(name: str) -> str:
    """One row for each code, in the order in which the catalog first needs it."""
    dialect, ask = ASKED[name]
    said: dict[tuple[str, int], list[Problem]] = {}
    for problem in filter(partial(_can_happen, dialect), Problem):
        said.setdefault(_said(dialect, ask, problem), []).append(problem)
    rows = ((_code(code), str(http), ", ".join(_code(one.code) for one in why)) for (code, http), why in said.items())
    return _table("told", rows)


BLOCKS: dict[str, Callable[[str], str]] = {"facts": facts, "codes": codes, "told": told}


def _said_of(about: Mapping[str, str]) -> str:
    """`state`, `sure` and the rest, as the dialect has them."""
    named = ((name.replace("_", " "), said) for name, said in about.items())
    return "; ".join(said if name in ("state", "sure") else f"{name}: {said}" for name, said in named)


def _fit(fit: Fit | None) -> str:
    if fit is None:
        return "fetched by link as it was checked"
    return f"JPEG or PNG, at most {fit.max_bytes:,} bytes, sides {fit.min_side} to {fit.max_side:,} px; fitted by us"


def _row(row: Code) -> tuple[str, ...]:
    problem = row.means.value
    return (
        _code(row.code), _code(row.where), str(row.http), row.text, _code(row.means.code), problem.category.value,
        row.means.fault, _code(problem.action.value), _code(problem.status.value) if problem.status else "-",
        row.billed.value, "yes" if row.documented else "no",
    )  # fmt: skip


def _can_happen(dialect: Dialect, problem: Problem) -> bool:
    """Whether a client of the protocol can meet it: by our own checks, or from whoever answers this kind. What is the
    operator's to mend is told as vendor_fault."""
    if problem.value.category is Category.EVIDENCE:
        return problem not in NEVER and (problem not in OF_A_PERSON or dialect.KIND in NEEDS_SUBJECT)
    asked = (row for vendor in VENDORS.values() if vendor.KIND is dialect.KIND for row in vendor.TABLE)
    met = problem.value.category is not Category.OPERATOR and any(row.means is problem for row in asked)
    return met or problem in ALWAYS


def _said(dialect: Dialect, ask: Any, problem: Problem) -> tuple[str, int]:
    """The code and the HTTP status with which it leaves."""
    answer = dialect.tell(Told(problem, similarity=SCORE.get(problem), line=50.0), ask)
    http = dialect.encode_response(answer, "", NOON).status
    return _code_of(answer), http


def _code_of(answer: Any) -> str:
    if isinstance(answer, Refusal):
        return answer.code
    spelled = (getattr(answer, name, None) for name in ("result", "errcode"))
    return next((str(code) for code in spelled if code), SCORED.get(type(answer), ""))


SCORED = {kuaidi100.Compared: kuaidi100.DONE, retired.IdCardCompared: "0"}  # answers whose number is the verdict


def _table(what: str, rows: Iterable[Sequence[str]]) -> str:
    """Markdown, each line with its end."""
    columns = zip(HEADS[what], zip(*rows, strict=True), strict=True)
    kept = [(head, *cells) for head, cells in columns if set(cells) != {UNSAID.get(head)}]
    head, *lines = (f"| {' | '.join(line)} |\n" for line in zip(*kept, strict=True))
    return head + f"|{'---|' * len(kept)}\n" + "".join(lines)


def _code(text: str) -> str:
    return f"`{text}`"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m ops.describe_vendors", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; 1 where a page is not current")
    checking, outdated = parser.parse_args(arguments).check, 0
    for page in sorted(FOLDER.glob("*.md")):
        outdated += _bring_up(page, checking)
    if checking and outdated:
        sys.stderr.write("Run `make vendor-docs`.\n")
    return int(checking and outdated > 0)


def _bring_up(page: Path, checking: bool) -> bool:
    """Whether the page was not as the code is."""
    old = page.read_text("utf-8")
    new = written(old)
    if new != old and not checking:
        page.write_text(new, "utf-8")
    word = "is current" if new == old else "does not fit the dialects" if checking else "written"
    sys.stdout.write(f"{page.relative_to(ROOT)} {word}\n")
    return new != old


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
