"""The public codes of API 3.0: stopped at the gateway, so never executed and never billed, whatever the action."""

from facegate.model import Billed
from facegate.problems import Problem as P
from facegate.vendors.dialect import Code

NO = Billed.NO

# fmt: off
PUBLIC = tuple(Code(*row) for row in (
    # code                                   where    means                    billed  on the action's page
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
