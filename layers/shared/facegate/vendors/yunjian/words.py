"""What the endpoint says where no code of the product's own means it, or several do.

Our own trouble with a vendor is never told in words of the gateway that blame the caller's key.
"""

from facegate.problems import NOT_READ
from facegate.problems import Problem as P

OTHER = "91096"
UNREADABLE = "00003"  # not 00002, it is not empty; not 91096, the seller cannot help: no face can be seen in it
OWN_WORDS = {
    P.VENDOR_FAULT: OTHER,
    P.VENDOR_SILENT: "920RE",
    P.REGISTRY_UNAVAILABLE: "910RE",
    P.ID_NUMBER_INVALID: "21082",  # 00082 stays for a number that is the vendor's own to refuse
    P.ID_NUMBER_15_DIGITS: "21082",
    **dict.fromkeys((P.MEDIA_MISSING, P.MEDIA_EMPTY, P.MEDIA_UNREACHABLE), "00002"),
    **dict.fromkeys(
        (P.PHOTO_UNREADABLE, *NOT_READ, P.PHOTO_TRUNCATED, P.MEDIA_IS_BASE64),
        UNREADABLE,
    ),
    **dict.fromkeys(
        (P.PHOTO_TOO_MANY_PIXELS, P.PHOTO_WRONG_SIZE, P.PHOTO_LOW_RESOLUTION,
         P.MEDIA_TOO_LARGE, P.TOO_DARK, P.TOO_BRIGHT, P.BLUR, P.LIVENESS_UNCLEAR),
        "00008",
    ),
    **dict.fromkeys((P.RATE_LIMITED, P.VENDOR_BUSY, P.PERSON_LIMIT), "gateway.rate"),
    P.BUDGET_REACHED: "gateway.quota",
    P.TOO_LARGE: "gateway.too_large",
    P.UNAUTHENTICATED: "gateway.id_unknown",
    P.BAD_SIGNATURE: "gateway.signature_differs",
    P.FORBIDDEN: "gateway.key_not_bound",
}  # fmt: skip
