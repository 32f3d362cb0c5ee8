"""The 24 codes of the product's page, and the words of the gateways in front of it.

The page writes no meanings beyond its Chinese texts; `P0027`, `P0025` and `21089` are read from those (an inference).
Billed: the page does not say. Assumed in 2026-11 from the nearest published rule, that of Tencent's own identity
check (verdicts are billed, input, quality and system errors are not): docs/vendors/yunjian.md. Where that rule has no
counterpart, the answer is `unknown` and the bill decides.
GATEWAY: statuses by the later of the vendor's two tables (error codes and FAQ: every fault of a signature is 401; the
signing page says 403 for most). `xxx` is the vendor's own mark for a name that is filled in. Their meaning for
billing: turned away at the gateway, so never executed; not so where the product may have been reached.
"""

from facegate.model import Billed
from facegate.problems import Problem as P
from facegate.vendors.dialect import Code, by_code

YES, NO, UNKNOWN = Billed.YES, Billed.NO, Billed.UNKNOWN

# fmt: off
DOCUMENTED = tuple(Code(code, "errcode", means, billed, True, text) for code, means, billed, text in (
    ("00001", P.SPOOF,                   YES,     "未通过活体检测"),
    ("00002", P.PHOTO_UNREADABLE,        NO,      "图像为空"),
    ("00003", P.FACE_NOT_FOUND,          NO,      "未检测到脸"),
    ("00004", P.EYES_COVERED,            NO,      "去除眼部遮挡"),
    ("00005", P.TURNED,                  NO,      "保持人脸端正"),
    ("00006", P.NOSE_COVERED,            NO,      "去除鼻子遮挡"),
    ("00007", P.MOUTH_COVERED,           NO,      "去除嘴部遮挡"),
    ("00008", P.FACE_QUALITY_LOW,        NO,      "请正对屏幕,保持适当距离,确保光线良好"),
    ("00009", P.FACE_MULTIPLE,           NO,      "只允许出现一个人"),
    ("00082", P.ID_NUMBER_INVALID,       NO,      "身份证号错误"),
    ("P0000", P.MATCH,                   YES,     "同一人"),
    ("P0001", P.NO_MATCH,                YES,     "不同人"),
    ("P0002", P.COMPARE_UNSURE,          YES,     "不能确定是否为同一人"),
    ("P0025", P.REGISTRY_PHOTO_UNUSABLE, UNKNOWN, "无人像信息"),
    ("P0026", P.IDENTITY_NOT_FOUND,      UNKNOWN, "身份信息无效"),
    ("P0027", P.FACE_QUALITY_LOW,        UNKNOWN, "图像信息不标准"),
    ("P0064", P.IDENTITY_MISMATCH,       YES,     "身份证与姓名不匹配"),
    ("21082", P.ID_NUMBER_INVALID,       NO,      "证件号格式不标准,请输入合法的证件号码"),
    ("210J4", P.NAME_INVALID,            NO,      "姓名格式不标准,请输入合法的姓名"),
    ("21089", P.VENDOR_FAULT,            NO,      "请求流水号重复"),
    ("910RE", P.COMPARE_BROKE,           NO,      "活体检测通过,人证比对异常,请重新发起交易"),
    ("91096", P.VENDOR_FAULT,            NO,      "其他错误,请联系服务商"),
    ("92096", P.VENDOR_FAULT,            NO,      "活体其他错误,请联系服务商"),
    ("920RE", P.VENDOR_FAULT,            NO,      "活体检测超时,请重新发起请求"),
))
CANNOT = "HMAC signature cannot be verified"
GATEWAY = tuple(Code(f"gateway.{code}", "gateway", means, billed, False, text, http)
                for code, http, means, billed, text in (
    # a signature that does not hold; the names of the first eleven are those of signing.marketplace.Fault
    ("authorization_missing",   401, P.VENDOR_CREDENTIALS,     NO, f"{CANNOT}, a validate authorization header is required"),
    ("authorization_malformed", 401, P.VENDOR_CREDENTIALS,     NO, "HMAC authorization format error."),
    ("fields_missing",          401, P.VENDOR_CREDENTIALS,     NO, "HMAC authorization headers is invalidate."),
    ("id_or_signature_missing", 401, P.VENDOR_CREDENTIALS,     NO, "HMAC id or signature missing."),
    ("header_missing",          401, P.VENDOR_CREDENTIALS,     NO, f"{CANNOT}, a valid xxx header is required"),
    ("date_missing",            401, P.VENDOR_CREDENTIALS,     NO, f"{CANNOT}, a valid date or x-date header is required"),
    ("x_date_illegal",          401, P.VENDOR_CREDENTIALS,     NO, f"{CANNOT}, a valid x-date header is required for HMAC Authentication"),
    ("x_date_expired",          401, P.VENDOR_CREDENTIALS,     NO, f"{CANNOT}, the x-date header is out of date for HMAC Authentication"),
    ("algorithm_unknown",       401, P.VENDOR_CREDENTIALS,     NO, "HMAC algorithm xxx not supported."),
    ("id_unknown",              401, P.VENDOR_CREDENTIALS,     NO, CANNOT),
    ("signature_differs",       401, P.VENDOR_CREDENTIALS,     NO, "HMAC signature does not match"),
    ("header_repeated",         401, P.VENDOR_CREDENTIALS,     NO, "HMAC do not support multiple HTTP header."),
    ("key_not_bound",           401, P.VENDOR_ACCOUNT,         NO, "HMAC apikey is invalid for API."),
    ("unauthorized",            401, P.VENDOR_CREDENTIALS,     NO, ""),  # any other 401
    # turned away for what is asked, or how
    ("no_usage_plan",           403, P.VENDOR_ACCOUNT,         NO, "Found no validate usage plan"),
    ("parameter_missing",       403, P.VENDOR_REFUSES_REQUEST, NO, "body param xxx is required."),
    ("content_type",            403, P.VENDOR_REFUSES_REQUEST, NO, "req content type need application/x-www-form-urlencoded."),
    ("forbidden",               403, P.VENDOR_ACCOUNT,         NO, ""),  # any other 403
    ("no_host",                 404, P.VENDOR_REFUSES_REQUEST, NO, "There is no api match host[xxx]"),
    ("no_uri",                  404, P.VENDOR_REFUSES_REQUEST, NO, "There is no api match uri[xxx]"),
    ("no_method",               404, P.VENDOR_REFUSES_REQUEST, NO, "There is no api match method[xxx]"),
    ("no_api",                  404, P.VENDOR_REFUSES_REQUEST, NO, "Found no api."),
    ("method_not_allowed",      405, P.VENDOR_REFUSES_REQUEST, NO, "Method Not Allowed."),
    ("too_large",               413, P.VENDOR_REFUSES_REQUEST, NO, "Request Entity Too Large"),  # nginx's own; in neither table
    ("protocol",                426, P.VENDOR_REFUSES_REQUEST, NO, "Not allow use HTTPS protocol"),
    ("rate",                    429, P.VENDOR_BUSY,            NO, "API rate limit exceeded."),
    ("quota",                   429, P.VENDOR_ACCOUNT,         NO, "API quota exceeded."),
    ("cross_origin",            429, P.VENDOR_REFUSES_REQUEST, NO, "req is cross origin, api xxx need open cors flag on qcloud apigateway."),
    ("configuration",           481, P.VENDOR_FAULT,           NO, "API config error."),
    ("refused",                 400, P.VENDOR_REFUSES_REQUEST, NO, ""),  # any other status from 300 to 498
    # the product may have been reached
    ("client_closed",           499, P.VENDOR_FAULT,           UNKNOWN, "Client closed connetion."),
    ("fault",                   500, P.VENDOR_FAULT,           UNKNOWN, "Internal Server Error."),
    ("bad_gateway",             502, P.VENDOR_FAULT,           UNKNOWN, "Bad Gateway."),
    ("timeout",                 504, P.VENDOR_FAULT,           UNKNOWN, "Gateway Time-out."),
    # the marketplace gateway, as one public client reads it: provisional, the vendor publishes no table
    ("market_date_expired",     403, P.VENDOR_CREDENTIALS,     NO, "签名时间xxx超时"),
    ("market_parameters",       411, P.VENDOR_CREDENTIALS,     NO, ""),  # 411 to 414
    ("market_binding",          421, P.VENDOR_ACCOUNT,         NO, ""),  # 421 to 428
))
# fmt: on
TABLE = DOCUMENTED + GATEWAY
BY_CODE, BY_ERRCODE = by_code(TABLE), by_code(DOCUMENTED)
