"""What the retired protocol says where its table alone does not tell: for a signature that does not hold, where no
message of the vendor's is on record, and for problems it had no code for. Source: docs/vendors/tencent_id.md.
"""

from facegate.problems import NOT_READ
from facegate.problems import Problem as P
from facegate.signing.image_api import Fault

OTHER = "-5802"
# fmt: off
FAULTS = {
    Fault.ABSENT: "4", Fault.UNREADABLE: "5", Fault.EXPIRED: "9", Fault.UNKNOWN_KEY: "11", Fault.OTHER_OWNER: "12",
    Fault.MISMATCH: "14",
}
OURS = {  # messages where none of the vendor's is on record
    "4": "sign is empty", "5": "sign is unreadable, or not a multi-use one",
    "6": "appid or bucket is not the signed one",
    "9": "sign is outside its time", "12": "appid and secretid do not belong together", "15": "too many requests",
    "21": "invalid parameter", "23": "request body is larger than 6 MB",
    "-5801": "idcard_number or idcard_name missing", "-5805": "image or url missing",
}
OWN_WORDS = {  # where no code says it alone, or where the code that does would blame the client for our own set-up
    P.RATE_LIMITED: "15",
    P.PERSON_LIMIT: "15",
    P.BUDGET_REACHED: "3",
    P.TOO_LARGE: "23",
    P.MEDIA_TOO_LARGE: "23",
    P.INTERNAL: "213",
    P.MEDIA_UNREACHABLE: "-5805",
    P.MEDIA_MISSING: "-5805",
    P.MEDIA_EMPTY: "-5805",
    P.ID_NUMBER_15_DIGITS: "-5801",
    P.NAME_INVALID: "-5801",
    P.REGISTRY_PHOTO_UNUSABLE: "-5809",
    P.LIVENESS_UNCLEAR: "-5011",
    **dict.fromkeys((*NOT_READ, P.PHOTO_TRUNCATED, P.PHOTO_TOO_MANY_PIXELS,
                     P.PHOTO_WRONG_SIZE, P.PHOTO_LOW_RESOLUTION, P.MEDIA_IS_BASE64), "-4011"),
    **dict.fromkeys((P.FACE_MULTIPLE, P.FACE_QUALITY_LOW, P.BLUR, P.TOO_DARK,
                     P.TOO_BRIGHT, P.TURNED, P.EYES_COVERED, P.NOSE_COVERED,
                     P.MOUTH_COVERED), "-4012"),
    **dict.fromkeys((P.VENDOR_FAULT, P.VENDOR_SILENT, P.VENDOR_CREDENTIALS, P.VENDOR_ACCOUNT,
                     P.VENDOR_REFUSES_REQUEST), OTHER),
}
# fmt: on
