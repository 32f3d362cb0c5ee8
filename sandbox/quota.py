"""The vendors' rates, by arrival: at most so many calls in any second, per action and region.

Source: the catalog of actions (reference: 1061/59046, and 1007 for ImageRecognitionV2); support can raise a real
account's limits. Assumed, since nobody publishes them: 20 for the retired idcardcompare, as for its successor; 10 for
Yunjian and Kuaidi100. A refused call does not count against the next one (not documented; the kinder reading).
"""

import threading
from collections import defaultdict

PER_SECOND = {
    "CreateUploadUrl": 20, "GenerateReflectSequence": 5, "DetectReflectLivenessAndCompare": 5,
    "ImageRecognitionV2": 20, "idcardcompare": 20, "jingmocompare": 10, "face_compare": 10,
}  # fmt: skip
WINDOW_S = 1.0


class Quota:
    def __init__(self) -> None:
        self._arrivals: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._lock = threading.Lock()

    def admits(self, action: str, region: str, arrived_s: float) -> bool:
        """`arrived_s` is of a monotonic clock, taken when the request arrived."""
        with self._lock:
            recent = [at for at in self._arrivals[action, region] if arrived_s - at < WINDOW_S]
            admitted = len(recent) < PER_SECOND[action]
            self._arrivals[action, region] = [*recent, arrived_s] if admitted else recent
            return admitted
