"""Every code FaceID international documents for the light-liveness compare, and the public codes of API 3.0.

Where: `Result` of a normal answer, or `Error` of a refusal; a code that turns up in the other place means the same.
Billed: the vendor's PaaS table (success and low similarity only), read 2026-11; whether the light API bills liveness
failures is not confirmed, so the ledger is compared with the bill (docs/vendors/tencent_reflect.md).
`InternalError.CompareLowSimilarity` is a verdict, whatever its prefix says.
"""

from typing import NamedTuple

from facegate.model import Billed
from facegate.problems import Problem as P

YES, NO = Billed.YES, Billed.NO


class Code(NamedTuple):
    code: str
    where: str
    means: P
    billed: Billed
    documented: bool  # on the action's own page (seed 001); the others are API 3.0's public codes


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
    # the public codes: stopped at the gateway, so never executed and never billed
    ("RequestLimitExceeded",                 "Error",  P.VENDOR_BUSY,            NO, False),
    ("RequestLimitExceeded.IPLimitExceeded", "Error",  P.VENDOR_BUSY,            NO, False),
    ("RequestLimitExceeded.UinLimitExceeded", "Error", P.VENDOR_BUSY,            NO, False),
    ("RequestLimitExceeded.GlobalRegionUinLimitExceeded", "Error", P.VENDOR_BUSY, NO, False),
    ("LimitExceeded",                        "Error",  P.VENDOR_BUSY,            NO, False),
    ("AuthFailure.InvalidAuthorization",     "Error",  P.VENDOR_CREDENTIALS,     NO, False),
    ("AuthFailure.InvalidSecretId",          "Error",  P.VENDOR_CREDENTIALS,     NO, False),
    ("AuthFailure.SecretIdNotFound",         "Error",  P.VENDOR_CREDENTIALS,     NO, False),
    ("AuthFailure.SignatureExpire",          "Error",  P.VENDOR_CREDENTIALS,     NO, False),
    ("AuthFailure.SignatureFailure",         "Error",  P.VENDOR_CREDENTIALS,     NO, False),
    ("AuthFailure.TokenFailure",             "Error",  P.VENDOR_CREDENTIALS,     NO, False),
    ("AuthFailure.MFAFailure",               "Error",  P.VENDOR_CREDENTIALS,     NO, False),
    ("AuthFailure.UnauthorizedOperation",    "Error",  P.VENDOR_CREDENTIALS,     NO, False),
    ("UnauthorizedOperation",                "Error",  P.VENDOR_ACCOUNT,         NO, False),
    ("UnauthorizedOperation.Activating",     "Error",  P.VENDOR_ACCOUNT,         NO, False),
    ("UnauthorizedOperation.Arrears",        "Error",  P.VENDOR_ACCOUNT,         NO, False),
    ("UnauthorizedOperation.NonAuthorize",   "Error",  P.VENDOR_ACCOUNT,         NO, False),
    ("UnauthorizedOperation.Nonactivated",   "Error",  P.VENDOR_ACCOUNT,         NO, False),
    ("IpInBlacklist",                        "Error",  P.VENDOR_ACCOUNT,         NO, False),
    ("IpNotInWhitelist",                     "Error",  P.VENDOR_ACCOUNT,         NO, False),
    ("ActionOffline",                        "Error",  P.VENDOR_REFUSES_REQUEST, NO, False),
    ("InvalidAction",                        "Error",  P.VENDOR_REFUSES_REQUEST, NO, False),
    ("NoSuchProduct",                        "Error",  P.VENDOR_REFUSES_REQUEST, NO, False),
    ("NoSuchVersion",                        "Error",  P.VENDOR_REFUSES_REQUEST, NO, False),
    ("MissingParameter",                     "Error",  P.VENDOR_REFUSES_REQUEST, NO, False),
    ("UnknownParameter",                     "Error",  P.VENDOR_REFUSES_REQUEST, NO, False),
    ("InvalidParameter",                     "Error",  P.VENDOR_REFUSES_REQUEST, NO, False),
    ("InvalidParameterValue",                "Error",  P.VENDOR_REFUSES_REQUEST, NO, False),
    ("InvalidRequest",                       "Error",  P.VENDOR_REFUSES_REQUEST, NO, False),
    ("RequestSizeLimitExceeded",             "Error",  P.VENDOR_REFUSES_REQUEST, NO, False),
    ("UnsupportedProtocol",                  "Error",  P.VENDOR_REFUSES_REQUEST, NO, False),
    ("UnsupportedRegion",                    "Error",  P.VENDOR_REFUSES_REQUEST, NO, False),
    ("UnsupportedOperation",                 "Error",  P.VENDOR_REFUSES_REQUEST, NO, False),
    ("DryRunOperation",                      "Error",  P.VENDOR_REFUSES_REQUEST, NO, False),
    ("FailedOperation",                      "Error",  P.VENDOR_FAULT,           NO, False),
    ("InternalError",                        "Error",  P.VENDOR_FAULT,           NO, False),
    ("ServiceUnavailable",                   "Error",  P.VENDOR_FAULT,           NO, False),
    ("ResponseSizeLimitExceeded",            "Error",  P.VENDOR_FAULT,           NO, False),
    ("ResourceInUse",                        "Error",  P.VENDOR_FAULT,           NO, False),
    ("ResourceInsufficient",                 "Error",  P.VENDOR_FAULT,           NO, False),
    ("ResourceNotFound",                     "Error",  P.VENDOR_FAULT,           NO, False),
    ("ResourceUnavailable",                  "Error",  P.VENDOR_FAULT,           NO, False),
))
# fmt: on
BY_CODE = {row.code: row for row in TABLE}
