"""Every code of ImageRecognitionV2 and of the retired idcardcompare, and the public codes of API 3.0.

V2 travels in `Result` or `Error`; which of its codes travels where is published only for the two verdicts of the
comparison, so: about the person, the photo or the engine in `Result`, about the request or the account in `Error`.
Either place is read. `FailedOperation.CompareLowSimilarity` is a verdict, whatever its prefix says.
Billed, V2: the vendor's own table. Billed, retired: not published; assumed as its successor bills: an answered
comparison and a name that does not fit.
Retired: the code is an integer. The HTTP status is known for 11 and 14 (401); 200 elsewhere is an assumption. `text` is
the message where one is on record. Source: docs/vendors/tencent_id.md.
"""

from facegate.model import Billed
from facegate.problems import Problem as P
from facegate.vendors.api3.codes import PUBLIC
from facegate.vendors.dialect import Code, by_code

YES, NO = Billed.YES, Billed.NO

# fmt: off
V2 = tuple(Code(*row, True) for row in (
    # code                                       where     means                      billed
    ("Success",                                  "Result", P.MATCH,                   YES),
    ("FailedOperation.CompareLowSimilarity",     "Result", P.NO_MATCH,                YES),
    ("FailedOperation.IdNameMisMatch",           "Result", P.IDENTITY_MISMATCH,       YES),
    ("FailedOperation.IdNoExistSystem",          "Result", P.IDENTITY_NOT_FOUND,      NO),
    ("FailedOperation.IdPhotoNoExist",           "Result", P.REGISTRY_PHOTO_UNUSABLE, NO),
    ("FailedOperation.IdPhotoPoorQuality",       "Result", P.REGISTRY_PHOTO_UNUSABLE, NO),
    ("FailedOperation.IdPhotoSystemNoanswer",    "Result", P.REGISTRY_UNAVAILABLE,    NO),
    ("FailedOperation.CompareLibServiceUnavailable", "Result", P.REGISTRY_UNAVAILABLE, NO),
    ("FailedOperation.IdentityAuthLimitExceeded", "Result", P.PERSON_LIMIT,           NO),
    ("FailedOperation.IdFormatError",            "Result", P.ID_NUMBER_INVALID,       NO),
    ("FailedOperation.NameFormatError",          "Result", P.NAME_INVALID,            NO),
    ("FailedOperation.LifePhotoDetectFaces",     "Result", P.FACE_MULTIPLE,           NO),
    ("FailedOperation.LifePhotoDetectNoFaces",   "Result", P.FACE_NOT_FOUND,          NO),
    ("FailedOperation.LifePhotoDetectFake",      "Result", P.SPOOF,                   NO),
    ("FailedOperation.LifePhotoPoorQuality",     "Result", P.PHOTO_LOW_RESOLUTION,    NO),
    ("FailedOperation.LifePhotoSizeError",       "Result", P.PHOTO_WRONG_SIZE,        NO),
    ("FailedOperation.CompareSystemError",       "Result", P.VENDOR_FAULT,            NO),
    ("FailedOperation.CompareFail",              "Result", P.VENDOR_FAULT,            NO),
    ("FailedOperation.UnKnown",                  "Result", P.VENDOR_FAULT,            NO),
    ("FailedOperation.DecryptSystemError",       "Error",  P.VENDOR_REFUSES_REQUEST,  NO),
    ("FailedOperation.StsUnAuthErrError",        "Error",  P.VENDOR_CREDENTIALS,      NO),
    ("InvalidParameter",                         "Error",  P.VENDOR_REFUSES_REQUEST,  NO),
    ("InvalidParameter.UnsupportEncryptField",   "Error",  P.VENDOR_REFUSES_REQUEST,  NO),
    ("InvalidParameterValue",                    "Error",  P.VENDOR_REFUSES_REQUEST,  NO),
    ("UnauthorizedOperation",                    "Error",  P.VENDOR_ACCOUNT,          NO),
    ("UnauthorizedOperation.Arrears",            "Error",  P.VENDOR_ACCOUNT,          NO),
    ("UnauthorizedOperation.NonAuthorize",       "Error",  P.VENDOR_ACCOUNT,          NO),
    ("UnauthorizedOperation.Nonactivated",       "Error",  P.VENDOR_ACCOUNT,          NO),
    ("UnsupportedOperation",                     "Error",  P.VENDOR_REFUSES_REQUEST,  NO),
))
RETIRED = tuple(Code(code, "code", means, billed, True, *rest) for code, means, billed, *rest in (
    # code     means                     billed  text, HTTP
    ("0",     P.MATCH,                   YES, "OK"),  # compared: match or no match by the similarity
    ("3",     P.VENDOR_ACCOUNT,          NO, "account abnormal,errorno is:2"),
    ("4",     P.VENDOR_CREDENTIALS,      NO),  # no signature
    ("5",     P.VENDOR_CREDENTIALS,      NO),  # signature unreadable
    ("6",     P.VENDOR_CREDENTIALS,      NO),  # signed for another appid or bucket
    ("9",     P.VENDOR_CREDENTIALS,      NO),  # expired
    ("10",    P.VENDOR_CREDENTIALS,      NO),  # appid unknown
    ("11",    P.VENDOR_CREDENTIALS,      NO, "secretid not exist", 401),
    ("12",    P.VENDOR_CREDENTIALS,      NO),  # appid and secret id of different owners
    ("13",    P.VENDOR_CREDENTIALS,      NO),  # replay of a single-use signature
    ("14",    P.VENDOR_CREDENTIALS,      NO, "sign no pass", 401),
    ("15",    P.VENDOR_BUSY,             NO),
    ("16",    P.VENDOR_REFUSES_REQUEST,  NO),  # bucket unknown
    ("21",    P.VENDOR_REFUSES_REQUEST,  NO),  # bad parameter
    ("23",    P.VENDOR_REFUSES_REQUEST,  NO),  # body too large
    ("24",    P.VENDOR_ACCOUNT,          NO),  # service not applied for
    ("107",   P.VENDOR_FAULT,            NO),
    ("108",   P.VENDOR_FAULT,            NO),
    ("213",   P.VENDOR_FAULT,            NO),
    ("-4006", P.FACE_QUALITY_LOW,        NO),  # no features from the person's picture
    ("-4007", P.LIVENESS_UNCLEAR,        NO),  # the frames of the recording do not fit each other
    ("-4009", P.REGISTRY_PHOTO_UNUSABLE, NO),  # no features from the card's picture
    ("-4010", P.VENDOR_FAULT,            NO),  # similarity not computed
    ("-4011", P.PHOTO_UNREADABLE,        NO),
    ("-4012", P.FACE_NOT_FOUND,          NO),
    ("-4015", P.FACE_NOT_FOUND,          NO),
    ("-4016", P.PHOTO_UNREADABLE,        NO),
    ("-4017", P.REGISTRY_PHOTO_UNUSABLE, NO),  # no face in the card's picture
    ("-4018", P.REGISTRY_PHOTO_UNUSABLE, NO),  # the card's picture is not decoded
    ("-5001", P.VIDEO_UNREADABLE,        NO),
    ("-5002", P.MOUTH_STILL,             NO),  # lips not read
    ("-5005", P.FACE_NOT_FOUND,          NO),  # too few faces in the recording
    ("-5007", P.VOICE_UNCLEAR,           NO),  # no sound
    ("-5008", P.VOICE_UNCLEAR,           NO),  # other digits said
    ("-5009", P.FACE_NOT_FOUND,          NO),  # no mouth or face in the recording
    ("-5010", P.MOUTH_STILL,             NO),
    ("-5011", P.LIVENESS_UNCLEAR,        NO),
    ("-5012", P.VOICE_UNCLEAR,           NO),  # too noisy
    ("-5013", P.VOICE_UNCLEAR,           NO),  # too quiet
    ("-5014", P.VENDOR_REFUSES_REQUEST,  NO),  # liveness level
    ("-5015", P.VIDEO_UNREADABLE,        NO),  # under 270 x 480
    ("-5016", P.SPOOF,                   NO),
    ("-5801", P.ID_NUMBER_INVALID,       NO),  # number or name missing
    ("-5802", P.VENDOR_FAULT,            NO),
    ("-5803", P.IDENTITY_MISMATCH,       YES),
    ("-5804", P.IDENTITY_NOT_FOUND,      NO),
    ("-5805", P.PHOTO_UNREADABLE,        NO),  # no picture, or its link not fetched; ours was checked before
    ("-5809", P.REGISTRY_PHOTO_UNUSABLE, NO),
    ("-5817", P.REGISTRY_PHOTO_UNUSABLE, NO),
))
# fmt: on
SUCCESSOR = V2 + tuple(row for row in PUBLIC if row.code not in by_code(V2))
TABLE = V2 + RETIRED + SUCCESSOR[len(V2) :]
BY_CODE = by_code(TABLE)
