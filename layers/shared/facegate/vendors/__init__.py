"""The vendors' dialects: one folder each, both directions, pure. A new vendor is a new folder and a row here."""

from types import ModuleType

from facegate.vendors import tencent_reflect

VENDORS: dict[str, ModuleType] = {"tencent_reflect": tencent_reflect}
