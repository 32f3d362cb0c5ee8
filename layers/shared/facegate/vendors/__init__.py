"""The vendors' dialects: one folder each, both directions, pure. A new vendor is a new folder and a row here."""

from facegate.vendors import kuaidi100, tencent_id, tencent_reflect, yunjian
from facegate.vendors.dialect import Dialect, Lender

VENDORS: dict[str, Dialect] = {
    "tencent_reflect": tencent_reflect, "yunjian": yunjian, "tencent_id": tencent_id, "kuaidi100": kuaidi100
}  # fmt: skip
LENDERS: dict[str, Lender] = {"tencent_reflect": tencent_reflect}
