"""A campaign as it should be, small enough to be read."""

from chaos.history import Call, History, Life, Row, Seen, Told

END = Seen(9.0, "done", "verified", "a pass")
ROW = Row("att_1", "yunjian", 4.0, 5.0, "yes", "r1", "0", "match")
SILENT = Row("att_0", "yunjian", 2.0, 3.0, "unknown", None, None, "vendor_silent")
CALL = Call(4.5, "yunjian", "r1", "yes", "0", "pass")
UNHEARD = Call(2.5, "yunjian", "r0", "yes", "0", "truncated")
WEBHOOK = Told(10.0, "evt_1_1", True, True, "verified", True, "bytes")


def sound() -> History:
    """One that was asked twice, since the first answer did not arrive: within its budget."""
    seen = [Seen(0.5, "awaiting_media", "requires_input", ""), Seen(2.0, "calling", "processing", ""), END]
    life = Life(
        "ver_1", "tenant", "cos", 0.4, [1.0], 1, 1, seen, [SILENT, ROW], [UNHEARD, CALL], ["evt_1_1"], [WEBHOOK]
    )
    return History(7, 1, [life], dead=[("check", "not JSON"), ("delivery", "[]"), ("check", '{"verification": 7}')])
