"""The protocols that we answer in a vendor's place."""

from dataclasses import dataclass

from facegate.vendors import kuaidi100, tencent_id, tencent_reflect, yunjian
from facegate.vendors.dialect import Dialect
from facegate.vendors.tencent_id import retired
from facegate.wire import HttpRequest


@dataclass(frozen=True)
class Served:
    vendor: str
    dialect: Dialect
    patience_s: int  # how long its clients usually wait
    keys: tuple[str, ...]  # pairs handed out for these vendors are good here


TENCENT_KEYS = ("tencent_reflect", "tencent_id")  # one account's pair is good for every action
SERVED = (
    Served("tencent_reflect", tencent_reflect, 25, TENCENT_KEYS),
    Served("tencent_id", tencent_id, 25, TENCENT_KEYS),
    Served("tencent_id", retired, 25, ("tencent_id",)),
    Served("yunjian", yunjian, 5, ("yunjian",)),
    Served("kuaidi100", kuaidi100, 5, ("kuaidi100",)),
)


def served(request: HttpRequest) -> Served | None:
    """Whose protocol it is, by its path and, at the root, by its action; what else comes to the root is API 3.0's to
    refuse."""
    root = SERVED[0] if request.path == "/" and request.method == "POST" else None
    return next((each for each in SERVED if each.dialect.serves(request)), root)
