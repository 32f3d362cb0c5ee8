"""The vendors' rates, by arrival: at most so many calls in a second, per action and region.

Which second is not said by anybody: `sliding` is any second, `calendar` begins anew with each second of the clock.

Source: the catalog of actions (reference: 1061/59046, and 1007 for ImageRecognitionV2); support can raise a real
account's limits. Assumed, since nobody publishes them: 20 for the retired idcardcompare, as for its successor; 10 for
Yunjian and Kuaidi100. A refused call does not count against the next one (not documented; the kinder reading).
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping

PER_SECOND = {
    "CreateUploadUrl": 20, "GenerateReflectSequence": 5, "DetectReflectLivenessAndCompare": 5,
    "ImageRecognitionV2": 20, "idcardcompare": 20, "jingmocompare": 10, "face_compare": 10,
}  # fmt: skip
WINDOW_S = 1.0
KEPT_S = 2 * WINDOW_S  # longer than a window: threads may be overtaken between arrival and here
SHARE_A_WINDOW: Mapping[str, Callable[[float, float], bool]] = {  # an earlier arrival and this one
    "sliding": lambda earlier_s, now_s: now_s - earlier_s < WINDOW_S,
    "calendar": lambda earlier_s, now_s: now_s // WINDOW_S == earlier_s // WINDOW_S,
}


class Quota:
    def __init__(self, window: str = "sliding") -> None:
        self._share_a_window = SHARE_A_WINDOW[window]
        self._arrivals: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._lock = threading.Lock()

    def admits(self, action: str, region: str, arrived_s: float) -> bool:
        """`arrived_s` is of a monotonic clock, taken when the request arrived."""
        with self._lock:
            recent = [at for at in self._arrivals[action, region] if arrived_s - at < KEPT_S]
            admitted = sum(self._share_a_window(at, arrived_s) for at in recent) < PER_SECOND[action]
            self._arrivals[action, region] = [*recent, arrived_s] if admitted else recent
            return admitted
