"""The catalog: every way a request, a capture or a vendor can go, one row each.

Whose fault it is, and whether trying again helps, follow from the category. The three verdicts stand here too, so that
a vendor's code always means exactly one row. Imports the model only.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from facegate.model import Decision, Outcome, Status


class Category(StrEnum):
    REQUEST = "request"  # our caller's request is wrong
    EVIDENCE = "evidence"  # refused by us before anybody is asked: free
    CAPTURE = "capture"  # the vendor wants a better picture
    VERDICT = "verdict"  # about the person, final
    GATE = "gate"  # the vendor's gateway turned us away: certainly not executed
    VENDOR = "vendor"  # the vendor broke
    OPERATOR = "operator"  # our keys, account or set-up
    UNDECIDED = "undecided"  # nobody knows: a person has to look


class Action(StrEnum):
    NONE = "none"
    RECAPTURE = "recapture"
    FIX_INPUT = "fix_input"
    WAIT = "wait"
    TRY_OTHER_VENDOR = "try_other_vendor"
    CONTACT_OPERATOR = "contact_operator"
    STOP = "stop"


FAULT = {
    Category.REQUEST: "caller", Category.EVIDENCE: "caller", Category.CAPTURE: "person", Category.VERDICT: "nobody",
    Category.GATE: "vendor", Category.VENDOR: "vendor", Category.OPERATOR: "operator", Category.UNDECIDED: "vendor",
}  # fmt: skip
TYPES = {
    400: "invalid_request", 401: "authentication", 403: "permission", 404: "not_found", 409: "conflict",
    413: "too_large", 415: "media_type", 422: "unprocessable_evidence", 429: "rate_limited",
}  # fmt: skip
AGAIN = {Action.RECAPTURE, Action.FIX_INPUT, Action.WAIT, Action.TRY_OTHER_VENDOR}


@dataclass(frozen=True)
class Row:
    http: int  # status where it answers a request; a vendor's verdict is never an HTTP error
    category: Category
    action: Action
    status: Status | None  # where it leaves a verification; None where it moves none
    en: str
    zh: str
    decision: Decision | None = None


_UNSURE = Decision(Outcome.UNDETERMINED, "undetermined", "undetermined")
_MATCH = Decision(Outcome.PASS, "live", "match", "consistent")
_NO_MATCH = Decision(Outcome.FAIL, "live", "no_match", "consistent")
_SPOOF = Decision(Outcome.FAIL, "spoof", "undetermined")
_OTHER_NAME = Decision(Outcome.FAIL, "live", "not_assessed", "inconsistent")
_NOBODY = Decision(Outcome.FAIL, "live", "not_assessed", "not_found")
_NO_VERDICT = Decision(Outcome.UNDETERMINED, "live", "undetermined")

R, E, C, V = Category.REQUEST, Category.EVIDENCE, Category.CAPTURE, Category.VERDICT
A, S = Action, Status


# fmt: off
class Problem(Enum):
    # verdicts: not problems, but the table is whole only with them
    MATCH = Row(200, V, A.NONE, S.VERIFIED, "The same person.", "同一人。", _MATCH)
    NO_MATCH = Row(200, V, A.STOP, S.REJECTED, "Not the same person: the faces are not similar enough.", "不是同一人:人脸相似度未达到标准。", _NO_MATCH)
    SPOOF = Row(200, V, A.STOP, S.REJECTED, "The recording does not show a live person: a replay, a mask or a picture is suspected.", "疑似非真人:怀疑为翻拍、面具或照片。", _SPOOF)

    IDENTITY_MISMATCH = Row(200, V, A.STOP, S.REJECTED, "The authority knows the ID number under another name.", "姓名与身份证号码不一致。", _OTHER_NAME)
    IDENTITY_NOT_FOUND = Row(200, V, A.STOP, S.REJECTED, "The authority does not know this ID number. In rare cases this happens after a move of household.", "库中无此身份证号码;极少数情况下因户口变动所致。", _NOBODY)

    # the request
    INVALID_JSON = Row(400, R, A.FIX_INPUT, None, "The body is not JSON. Send one JSON object in UTF-8.", "请求体不是 JSON,请发送一个 UTF-8 编码的 JSON 对象。")
    INVALID_FIELD = Row(400, R, A.FIX_INPUT, None, "A field has a wrong type or value.", "字段的类型或取值不正确。")
    MISSING_FIELD = Row(400, R, A.FIX_INPUT, None, "A required field is missing.", "缺少必填字段。")
    RANGE_TOO_LARGE = Row(400, R, A.FIX_INPUT, None, "The range holds more calls than one request can count. Ask for a shorter one; `detail` says how far it may go.", "该时间范围内的调用过多,无法一次统计,请缩短范围(见 detail)。")
    UNKNOWN_FIELD = Row(400, R, A.FIX_INPUT, None, "This field does not exist here. Check its spelling.", "此处没有该字段,请检查拼写。")
    TEST_ONLY = Row(400, R, A.FIX_INPUT, None, "`test` works only with a test key, on a local stage.", "`test` 仅可在本地环境配合测试密钥使用。")
    UNAUTHENTICATED = Row(401, R, A.FIX_INPUT, None, "No valid API key. Send `Authorization: Bearer fg_...`.", "API 密钥无效,请发送 `Authorization: Bearer fg_...`。")
    BAD_SIGNATURE = Row(401, R, A.FIX_INPUT, None, "The signature does not hold: wrong secret, changed body, or a clock more than five minutes off.", "签名无效:密钥错误、内容被改动,或时钟偏差超过五分钟。")
    FORBIDDEN = Row(403, R, A.CONTACT_OPERATOR, None, "This key may not do that here.", "该密钥无权进行此操作。")
    BUCKET_NOT_ALLOWED = Row(403, R, A.CONTACT_OPERATOR, None, "This bucket is none of those that you may name. The operator adds it: make tenant-buckets.", "不允许使用该存储桶,请联系运维人员添加(make tenant-buckets)。")
    NOT_FOUND = Row(404, R, A.FIX_INPUT, None, "There is no such object for this key.", "此密钥下没有该对象。")
    ROUTE_NOT_FOUND = Row(404, R, A.FIX_INPUT, None, "There is no such route. See /v1/openapi.json.", "没有该接口,请参阅 /v1/openapi.json。")
    IDEMPOTENCY_CONFLICT = Row(409, R, A.FIX_INPUT, None, "This Idempotency-Key was used with another body. Take a new key.", "该 Idempotency-Key 已用于不同的请求体,请更换。")
    NOT_IN_THIS_STATE = Row(409, R, A.NONE, None, "The verification is in a state that does not allow this.", "验证当前的状态不允许此操作。")
    ENDPOINT_DISABLED = Row(409, R, A.FIX_INPUT, None, "The webhook endpoint is disabled. Enable it first: PATCH it with `enabled` true.", "该 Webhook 端点已停用,请先以 PATCH 将 `enabled` 设为 true。")
    ENDPOINT_LIMIT = Row(409, R, A.FIX_INPUT, None, "There are 20 webhook endpoints already, which is the most. Delete one first.", "Webhook 端点已达上限 20 个,请先删除一个。")
    BUSY = Row(409, R, A.WAIT, None, "The same object was changed at the same moment. Try again.", "该对象正被同时修改,请重试。")
    TOO_LARGE = Row(413, R, A.FIX_INPUT, None, "The request is larger than allowed here.", "请求超过允许的大小。")
    WRONG_MEDIA_TYPE = Row(415, R, A.FIX_INPUT, None, "This content type is not accepted here.", "此处不接受该内容类型。")
    RATE_LIMITED = Row(429, R, A.WAIT, None, "Too many requests. Wait as Retry-After says.", "请求过多,请按 Retry-After 等待。")
    BUDGET_REACHED = Row(429, R, A.WAIT, S.ERRORED, "The calls of this day are used up. Nobody was asked; try again tomorrow (UTC).", "今日调用额度已用完,未发起验证;请明日(UTC)再试。")
    INTERNAL = Row(500, Category.OPERATOR, A.CONTACT_OPERATOR, None, "Something broke on our side. Nothing acknowledged is lost; quote the request id.", "服务内部错误。已确认的数据不会丢失;请提供 request id。")

    # evidence, refused free
    MEDIA_MISSING = Row(422, E, A.RECAPTURE, S.REQUIRES_INPUT, "Nothing was uploaded to this slot yet.", "该位置尚未上传任何内容。")
    MEDIA_EMPTY = Row(422, E, A.RECAPTURE, S.REQUIRES_INPUT, "The uploaded object is empty (0 bytes).", "上传的内容为空(0 字节)。")
    MEDIA_TOO_LARGE = Row(422, E, A.RECAPTURE, S.REQUIRES_INPUT, "The uploaded object is larger than the slot's max_bytes.", "上传的内容超过该位置的 max_bytes。")
    MEDIA_SIZE_DIFFERS = Row(422, E, A.FIX_INPUT, S.REQUIRES_INPUT, "The object's size is not the declared size_bytes.", "内容大小与声明的 size_bytes 不一致。")
    MEDIA_MD5_DIFFERS = Row(422, E, A.FIX_INPUT, S.REQUIRES_INPUT, "The object's MD5 is not the declared md5.", "内容的 MD5 与声明的 md5 不一致。")
    MEDIA_IS_BASE64 = Row(422, E, A.FIX_INPUT, S.REQUIRES_INPUT, "The object is base64 text. Upload the decoded bytes, without a data: prefix.", "上传的是 base64 文本,请上传解码后的原始字节,且不带 data: 前缀。")
    MEDIA_EQUAL = Row(422, E, A.FIX_INPUT, S.REQUIRES_INPUT, "Two slots hold the same object. Each needs a file of its own.", "两个位置的内容相同,应分别上传不同的文件。")
    PHOTO_NOT_JPEG_OR_PNG = Row(422, E, A.FIX_INPUT, S.REQUIRES_INPUT, "The photo is neither JPEG nor PNG. Convert it (GIF, AVIF, BMP, TIFF, SVG and PDF are not read).", "照片不是 JPEG 或 PNG,请先转换(不支持 GIF、AVIF、BMP、TIFF、SVG、PDF)。")
    PHOTO_HEIC = Row(422, E, A.FIX_INPUT, S.REQUIRES_INPUT, "The photo is HEIC, which is not read. On an iPhone choose Settings, Camera, Formats, Most Compatible and take it again, or export it as JPEG.", "照片为 HEIC 格式,不支持。请在 iPhone 的“设置 > 相机 > 格式”中选择“兼容性最佳”后重新拍摄,或导出为 JPEG。")
    PHOTO_WEBP = Row(422, E, A.FIX_INPUT, S.REQUIRES_INPUT, "The photo is WebP, which is not read: a copy from a web page or a messenger. Send the original, or save it as JPEG.", "照片为 WebP 格式(多为网页或聊天软件中的副本),不支持。请发送原图,或另存为 JPEG。")
    PHOTO_RARE_JPEG = Row(422, E, A.FIX_INPUT, S.REQUIRES_INPUT, "This kind of JPEG is not read (lossless, arithmetic, hierarchical, 12 bits, or more than 100 scans). Save it anew as an ordinary JPEG.", "不支持此类 JPEG(无损、算术编码、分层、12 位,或扫描超过 100 次),请另存为普通 JPEG。")
    PHOTO_TRUNCATED = Row(422, E, A.RECAPTURE, S.REQUIRES_INPUT, "The photo breaks off before its end, or is damaged. Upload the whole file.", "照片文件不完整或已损坏,请上传完整的文件。")
    PHOTO_TOO_MANY_PIXELS = Row(422, E, A.FIX_INPUT, S.REQUIRES_INPUT, "The photo has more than 50 million pixels, or more than a decoder should hold at once (a PNG in colour: 33 million). Shrink it.", "照片超过五千万像素,或解码所需内存过大(彩色 PNG 上限约三千三百万像素),请缩小后上传。")
    EVIDENCE_CHANGED = Row(422, E, A.RECAPTURE, S.REQUIRES_INPUT, "The stored object is no longer the one that was checked. Nobody was asked; upload it again.", "存储的内容与检查时不一致,未进行验证,请重新上传。")

    MEDIA_UNREACHABLE = Row(422, E, A.FIX_INPUT, S.REQUIRES_INPUT, "The object behind the link cannot be fetched: only public addresses, ports 80 and 443, no redirects, a few seconds.", "无法获取该链接的内容:仅支持公网地址、80 与 443 端口,不跟随重定向,须在数秒内返回。")
    OBJECT_NOT_FOUND = Row(422, E, A.FIX_INPUT, S.REQUIRES_INPUT, "There is no such object in the bucket and region that its URL names.", "该 URL 所指的存储桶与地域中没有此对象。")
    BUCKET_CLOSED = Row(422, E, A.FIX_INPUT, S.REQUIRES_INPUT, "The bucket does not let Facegate read the object. Let its account do GetObject and HeadObject there.", "存储桶未授权读取该对象,请为其账号授予 GetObject 与 HeadObject 权限。")
    FACE_TOKEN_UNKNOWN = Row(422, E, A.FIX_INPUT, S.REQUIRES_INPUT, "This face token is unknown or older than a day. Send the picture itself.", "该人脸标识不存在或已超过一天,请直接发送图片。")
    ID_NUMBER_INVALID = Row(422, E, A.FIX_INPUT, S.ERRORED, "This is no resident ID number: 18 characters, a real birth date, and a check digit that fits.", "身份证号码无效:应为 18 位,出生日期真实,校验码正确。")
    ID_NUMBER_15_DIGITS = Row(422, E, A.FIX_INPUT, S.ERRORED, "This is the 15-digit number of a first-generation card, which is no longer valid. Use the 18-digit number.", "15 位号码属于已失效的第一代身份证,请使用 18 位号码。")
    NAME_INVALID = Row(422, E, A.FIX_INPUT, S.ERRORED, "This is no name as on the card: Han characters, with U+00B7 between the parts where there is one.", "姓名与证件格式不符:应为汉字,分隔处使用间隔号(U+00B7)。")
    PERSON_LIMIT = Row(429, E, A.WAIT, S.ERRORED, "This person was asked about too often today. Try again tomorrow.", "该身份今日验证次数过多,请明日再试。")

    # capture, as the vendor sees it
    TOO_DARK = Row(422, C, A.RECAPTURE, S.REQUIRES_INPUT, "Too dark. Turn to the light and record again.", "光线太暗,请面向光源重新录制。")
    TOO_BRIGHT = Row(422, C, A.RECAPTURE, S.REQUIRES_INPUT, "Too bright. Leave the direct light and record again.", "光线太强,请避开强光重新录制。")
    BLUR = Row(422, C, A.RECAPTURE, S.REQUIRES_INPUT, "The picture is blurred. Hold still and record again.", "图片模糊,请保持静止后重新录制。")
    FACE_NOT_FOUND = Row(422, C, A.RECAPTURE, S.REQUIRES_INPUT, "No whole face was found. Bring the face into the frame.", "未检测到完整人脸,请将人脸置于画面中。")
    FACE_MULTIPLE = Row(422, C, A.RECAPTURE, S.REQUIRES_INPUT, "More than one face was found. Only one person may be in the frame.", "检测到多张人脸,画面中只能有一个人。")
    FACE_QUALITY_LOW = Row(422, C, A.RECAPTURE, S.REQUIRES_INPUT, "The face is not clear enough. Come closer, into even light.", "人脸不够清晰,请靠近并保持光线均匀。")
    TURNED = Row(422, C, A.RECAPTURE, S.REQUIRES_INPUT, "The face is turned or tilted. Look straight ahead.", "人脸未端正,请正对镜头。")
    EYES_COVERED = Row(422, C, A.RECAPTURE, S.REQUIRES_INPUT, "The eyes are covered. Take off what covers them.", "眼部被遮挡,请去除遮挡。")
    NOSE_COVERED = Row(422, C, A.RECAPTURE, S.REQUIRES_INPUT, "The nose is covered. Take off what covers it.", "鼻子被遮挡,请去除遮挡。")
    MOUTH_COVERED = Row(422, C, A.RECAPTURE, S.REQUIRES_INPUT, "The mouth is covered. Take off what covers it.", "嘴部被遮挡,请去除遮挡。")
    MOUTH_STILL = Row(422, C, A.RECAPTURE, S.REQUIRES_INPUT, "The lips did not move enough. Speak clearly and record again.", "嘴唇动作不明显,请清晰朗读后重新录制。")
    VOICE_UNCLEAR = Row(422, C, A.RECAPTURE, S.REQUIRES_INPUT, "The voice was missing, too quiet, too noisy, or said other digits.", "未检测到清晰的声音,或朗读的数字不正确。")
    VIDEO_UNREADABLE = Row(422, C, A.RECAPTURE, S.REQUIRES_INPUT, "The recording cannot be read, or is too small. Record again.", "视频无法读取或分辨率过低,请重新录制。")
    PHOTO_UNREADABLE = Row(422, C, A.FIX_INPUT, S.REQUIRES_INPUT, "The vendor cannot decode the photo. Upload another JPEG or PNG.", "无法解码照片,请上传其他 JPEG 或 PNG 文件。")
    PHOTO_WRONG_SIZE = Row(422, C, A.FIX_INPUT, S.REQUIRES_INPUT, "The photo is too large or too small for the vendor.", "照片过大或过小。")
    PHOTO_LOW_RESOLUTION = Row(422, C, A.FIX_INPUT, S.REQUIRES_INPUT, "The photo's resolution is too low. Upload a better one.", "照片分辨率太低,请重新上传。")
    LIVENESS_UNCLEAR = Row(422, C, A.RECAPTURE, S.REQUIRES_INPUT, "Liveness could not be shown from this recording. Record again.", "活体检测未通过,请重新录制。")

    # the vendor's gateway, the vendor, our set-up, and what nobody knows
    VENDOR_BUSY = Row(503, Category.GATE, A.WAIT, S.PROCESSING, "The vendor is over its rate. The call waits for the next slot.", "服务商达到频率限制,请求将自动重试。")
    VENDOR_FAULT = Row(502, Category.VENDOR, A.TRY_OTHER_VENDOR, S.ERRORED, "The vendor's service failed.", "服务商的服务出现故障。")
    COMPARE_BROKE = Row(502, Category.VENDOR, A.TRY_OTHER_VENDOR, S.ERRORED, "Liveness passed, and then the vendor's comparison broke. It is not the person's fault.", "活体检测已通过,但服务商的比对环节出现故障,与用户无关。")
    REGISTRY_UNAVAILABLE = Row(502, Category.VENDOR, A.TRY_OTHER_VENDOR, S.ERRORED, "The authority's database did not answer the vendor.", "权威库暂时无法访问。")
    VENDOR_CANNOT_DOWNLOAD = Row(502, Category.VENDOR, A.TRY_OTHER_VENDOR, S.ERRORED, "The vendor could not download the media.", "服务商无法下载媒体文件。")
    VENDOR_CREDENTIALS = Row(502, Category.OPERATOR, A.CONTACT_OPERATOR, S.ERRORED, "The vendor refuses our key or signature. Check the key and the clock (make doctor).", "服务商拒绝密钥或签名,请检查密钥与时钟(make doctor)。")
    VENDOR_ACCOUNT = Row(502, Category.OPERATOR, A.CONTACT_OPERATOR, S.ERRORED, "The vendor account may not use this service: not activated, in arrears or not authorised.", "服务商账号无权使用该服务:未开通、欠费或未授权。")
    VENDOR_REFUSES_REQUEST = Row(502, Category.OPERATOR, A.CONTACT_OPERATOR, S.ERRORED, "The vendor refuses the shape of our request.", "服务商拒绝了请求的格式。")
    SUBJECT_SHREDDED = Row(500, Category.OPERATOR, A.CONTACT_OPERATOR, S.ERRORED, "Name and number cannot be opened any more: their key is gone. Nobody was asked; open a new verification.", "姓名与证件号码的密钥已不存在,无法解密,未发起验证;请重新发起。")
    VENDOR_SILENT = Row(504, Category.UNDECIDED, A.CONTACT_OPERATOR, S.REQUIRES_REVIEW, "The vendor was asked and no answer came. It may have been billed; it is not guessed.", "已请求服务商但未收到答复,可能已计费;结果不作猜测。", _UNSURE)
    VENDOR_UNMAPPED = Row(502, Category.UNDECIDED, A.CONTACT_OPERATOR, S.REQUIRES_REVIEW, "The vendor answered a code that the catalog does not know. It is kept, and neither pass nor fail.", "服务商返回了目录中没有的代码,已记录,既不算通过也不算失败。", _UNSURE)
    COMPARE_UNSURE = Row(200, Category.UNDECIDED, A.CONTACT_OPERATOR, S.REQUIRES_REVIEW, "The vendor cannot tell whether it is the same person.", "无法确定是否为同一人。", Decision(Outcome.UNDETERMINED, "live", "undetermined", "consistent"))
    REGISTRY_PHOTO_UNUSABLE = Row(200, Category.UNDECIDED, A.CONTACT_OPERATOR, S.REQUIRES_REVIEW, "The authority has no usable photo of this person, so nothing could be compared.", "权威库中没有该人员可用的照片,无法比对。", _NO_VERDICT)
    ATTEMPTS_EXHAUSTED = Row(422, Category.UNDECIDED, A.STOP, S.REQUIRES_REVIEW, "The last allowed capture was not good enough either.", "最后一次允许的采集仍不合格。", _UNSURE)
    EXPIRED = Row(409, R, A.STOP, S.EXPIRED, "The verification was not finished in time. Open a new one.", "验证未在有效期内完成,请重新发起。")
# fmt: on

    @property
    def code(self) -> str:
        return self.name.lower()

    @property
    def type(self) -> str:
        return TYPES.get(self.value.http, "internal") if self.value.category is not Category.VERDICT else "verdict"

    @property
    def fault(self) -> str:
        return FAULT[self.value.category]

    @property
    def retryable(self) -> bool:
        return self.value.action in AGAIN

    @property
    def message(self) -> dict[str, str]:
        return {"en": self.value.en, "zh": self.value.zh}


NOT_READ = (Problem.PHOTO_NOT_JPEG_OR_PNG, Problem.PHOTO_HEIC, Problem.PHOTO_WEBP, Problem.PHOTO_RARE_JPEG)
BY_CODE = {problem.code: problem for problem in Problem}


class ProblemError(Exception):
    """One row of the catalog, raised. `param` names the field, `detail` says where and how to mend; neither holds
    personal data, since both reach logs and callers. `wait_s` is what Retry-After says, where it is known."""

    def __init__(
        self, problem: Problem, param: str | None = None, detail: str = "", wait_s: int | None = None
    ) -> None:  # fmt: skip
        super().__init__(f"{problem.code} {param or ''} {detail}".rstrip())
        self.problem, self.param, self.detail, self.wait_s = problem, param, detail, wait_s
