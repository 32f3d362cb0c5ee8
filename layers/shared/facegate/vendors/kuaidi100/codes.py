"""Kuaidi100's codes: the two its page prints, and stand-ins.

The page of the face compare prints only 200 and a blank 400. The others are the codes of the same company's parcel
platform, taken as labelled stand-ins (docs/vendors/kuaidi100.md). 200 says that a score is there and no more: whether
it is the same person is decided by the score, so a 200 may end as no_match too.
Billed: sold as packages by the call; which failures count is not published. Assumed, 2026-11: an answer with a score
is billed, a refusal is not, and of a fault within the vendor nobody knows.
501 is `the same order twice` there. Asking once more would be twice again, so it is no matter of waiting.
"""

from facegate.model import Billed
from facegate.problems import Problem as P
from facegate.vendors.dialect import Code, by_code

YES, NO, UNKNOWN = Billed.YES, Billed.NO, Billed.UNKNOWN

# fmt: off
TABLE = tuple(Code(*row) for row in (
    # code  where   means                     billed   on the page, its words
    ("200", "code", P.MATCH,                  YES,     True,  "成功"),
    ("400", "code", P.VENDOR_REFUSES_REQUEST, NO,      True,  "参数错误"),
    ("500", "code", P.VENDOR_FAULT,           UNKNOWN, False, "服务器错误"),
    ("501", "code", P.VENDOR_REFUSES_REQUEST, NO,      False, "重复请求"),
    ("503", "code", P.VENDOR_CREDENTIALS,     NO,      False, "验签失败"),
    ("600", "code", P.VENDOR_CREDENTIALS,     NO,      False, "不是合法用户"),
    ("601", "code", P.VENDOR_CREDENTIALS,     NO,      False, "key已过期"),
))
# fmt: on
BY_CODE = by_code(TABLE)
