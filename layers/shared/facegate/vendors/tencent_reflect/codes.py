"""Every code FaceID international documents for the light-liveness compare, and the public codes of API 3.0.

Where: `Result` of a normal answer, or `Error` of a refusal; a code that turns up in the other place means the same.
Billed: the vendor's PaaS table (success and low similarity only), read 2026-11; whether the light API bills liveness
failures is not confirmed, so the ledger is compared with the bill (docs/vendors/tencent_reflect.md).
`InternalError.CompareLowSimilarity` is a verdict, whatever its prefix says.
"""

from facegate.model import Billed
from facegate.problems import Problem as P
from facegate.vendors.api3.codes import PUBLIC
from facegate.vendors.dialect import Code, by_code

YES, NO = Billed.YES, Billed.NO

# fmt: off
TABLE = tuple(Code(*row) for row in (
    # code                                   where     means                    billed  on the page
    ("Success",                              "Result", P.MATCH,                  YES, True),
    ("InternalError.CompareLowSimilarity",   "Result", P.NO_MATCH,               YES, True),
    ("FailedOperation.CompareLowSimilarity", "Result", P.NO_MATCH,               YES, False),  # the sibling actions' spelling
    ("FailedOperation.LivessDetectFake",     "Result", P.SPOOF,                  NO, True),
    ("FailedOperation.SilentPictureLiveFail", "Result", P.SPOOF,                 NO, True),
    ("FailedOperation.LifePhotoDetectFake",  "Result", P.SPOOF,                  NO, True),
    ("FailedOperation.ActionLightDark",      "Result", P.TOO_DARK,               NO, True),
    ("InternalError.ActionLightDark",        "Result", P.TOO_DARK,               NO, True),
    ("FailedOperation.ActionLightStrong",    "Result", P.TOO_BRIGHT,             NO, True),
    ("InternalError.ActionLightStrong",      "Result", P.TOO_BRIGHT,             NO, True),
    ("FailedOperation.ImageBlur",            "Result", P.BLUR,                   NO, True),
    ("InternalError.ActionNodetectFace",     "Result", P.FACE_NOT_FOUND,         NO, True),
    ("FailedOperation.SilentFaceDetectFail", "Result", P.FACE_NOT_FOUND,         NO, True),
    ("FailedOperation.SilentMultiFaceFail",  "Result", P.FACE_MULTIPLE,          NO, True),
    ("FailedOperation.SilentFaceQualityFail", "Result", P.FACE_QUALITY_LOW,      NO, True),
    ("FailedOperation.LivessDetectFail",     "Result", P.LIVENESS_UNCLEAR,       NO, True),
    ("FailedOperation.SilentDetectFail",     "Result", P.LIVENESS_UNCLEAR,       NO, True),
    ("FailedOperation.SilentThreshold",      "Result", P.LIVENESS_UNCLEAR,       NO, True),
    ("FailedOperation.ImageDecodeFailed",    "Result", P.PHOTO_UNREADABLE,       NO, True),
    ("FailedOperation.ImageSizeTooLarge",    "Result", P.PHOTO_WRONG_SIZE,       NO, True),
    ("FailedOperation.LifePhotoSizeError",   "Result", P.PHOTO_WRONG_SIZE,       NO, True),
    ("InternalError.LifePhotoSizeError",     "Result", P.PHOTO_WRONG_SIZE,       NO, True),
    ("InternalError.LifePhotoPoorQuality",   "Result", P.PHOTO_LOW_RESOLUTION,   NO, True),
    ("FailedOperation.LivessSystemError",    "Result", P.VENDOR_FAULT,           NO, True),
    ("FailedOperation.LivessUnknownError",   "Result", P.VENDOR_FAULT,           NO, True),
    ("FailedOperation.DownLoadError",        "Error",  P.VENDOR_CANNOT_DOWNLOAD, NO, True),
    ("FailedOperation.DownLoadTimeoutError", "Error",  P.VENDOR_CANNOT_DOWNLOAD, NO, True),
)) + PUBLIC
# fmt: on
BY_CODE = by_code(TABLE)
