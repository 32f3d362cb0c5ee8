"""The tables of docs/pictures.md, one for each part of the corpus, below a heading of its name."""

import re

from tests.unit.pictures.corpus import CORPUS, Entry

TABLE = re.compile(r"\A(\n|\|.*\n)*")
HEADS = {
    True: "| picture | what it is | answer | what stays | for Yunjian |\n|---|---|---|---|---|\n",
    False: "| sent | what it is | answer |\n|---|---|---|\n",
}


def written(page: str) -> str:
    for part in CORPUS:
        head, below = page.split(f"\n## {part}\n", 1)
        page = f"{head}\n## {part}\n\n{table(CORPUS[part])}\n{TABLE.sub('', below, count=1)}"
    return page.rstrip() + "\n"


def table(entries: tuple[Entry, ...]) -> str:
    full = any(entry.answer == "accepted" for entry in entries)
    return HEADS[full] + "".join(f"| {' | '.join(cells(entry)[: 5 if full else 3])} |\n" for entry in entries)


def cells(entry: Entry) -> list[str]:
    return [entry.name, entry.about, said(entry.answer), entry.kept, said(entry.fitted)]


def said(answer: str) -> str:
    return f"`{answer}`" if "_" in answer else answer
