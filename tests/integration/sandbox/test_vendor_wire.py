"""What travels: paths and request lines, both of Yunjian's gateways, links, face tokens, sizes, and every fault."""

import json
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

import pytest
from sandbox_kit import BUCKETS, ID, KEY, REGION, Evidence, Sandbox, cos_client, http, md5_of
from vendor_calls import KEYS, NAME, NUMBER, PROTOCOLS, Caller, Protocol, deliver, picture

from facegate.problems import Problem as P
from facegate.signing import Keys, marketplace, tc1
from facegate.vendors.kuaidi100 import FaceCompare, Picture
from facegate.vendors.tencent_id import retired
from facegate.wire import HttpRequest, HttpResponse, Silent

every_protocol = pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
IDCARD, KUAIDI = PROTOCOLS["idcardcompare"], PROTOCOLS["kuaidi100"]
GATEWAY_HEADERS = ("x-usageplan-ratelimit", "x-service-ratelimit", "x-api-id", "x-api-requestid")


def raw(sandbox: Sandbox, line: str, request: HttpRequest) -> HttpResponse:
    """Sent with a request line of our own."""
    headers = {**request.headers, "content-length": str(len(request.body)), "connection": "close"}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(("127.0.0.1", sandbox.settings["vendors_port"]), timeout=10) as wire:
        wire.sendall(f"{line}\r\n{head}\r\n".encode() + request.body)
        answer = b"".join(iter(lambda: wire.recv(1 << 16), b""))
    told, _, body = answer.partition(b"\r\n\r\n")
    return HttpResponse(int(told.split()[1]), {}, body)


@every_protocol
@pytest.mark.parametrize("host", ["http://service.image.myqcloud.com", "HTTP://127.0.0.1:1"])
def test_a_request_line_in_absolute_form_is_understood(
    sandbox: Sandbox, caller: Caller, protocol: Protocol, host: str
) -> None:
    """As a client behind HTTP_PROXY sends it, whatever the host."""
    question = protocol.ask(picture(), NAME, NUMBER)
    request = caller.signed(protocol, question)
    caller.wait(protocol)
    answer = raw(sandbox, f"POST {host}{urlsplit(request.url).path} HTTP/1.1", request)
    assert caller.told(protocol, question, answer).problem is P.MATCH


def test_an_object_is_given_in_absolute_form_too(sandbox: Sandbox, evidence: Evidence) -> None:
    link = evidence.put("proxied", b"by a proxy")["url"]
    with socket.create_connection(("127.0.0.1", sandbox.settings["cos_port"]), timeout=10) as wire:
        host = urlsplit(link).netloc
        wire.sendall(f"GET {link} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: wire.recv(1 << 16), b""))
    assert answer.endswith(b"by a proxy")


@pytest.mark.parametrize("path", ["/release/jingmocompare", "/test/jingmocompare", "/service-x/jingmocompare",
                                  "/release/jingmocompare?"])  # fmt: skip
@pytest.mark.parametrize("sign", [marketplace.sign_json, marketplace.sign_key_pair])
def test_both_of_yunjians_gateways_take_both_forms_of_signature(caller: Caller, path: str, sign: object) -> None:
    protocol = replace(PROTOCOLS["yunjian"], path=path)
    question = protocol.ask(picture(), NAME, NUMBER)
    unsigned = protocol.dialect.encode_request(question, protocol.account(caller.sandbox))
    request = sign(unsigned, KEYS, datetime.now(UTC))  # type: ignore[operator]
    assert caller.told(protocol, question, caller.deliver(protocol, request)).problem is P.MATCH


def test_a_gateway_shows_its_headers_to_whoever_it_lets_in(caller: Caller) -> None:
    protocol = PROTOCOLS["yunjian"]
    in_, out = caller.ask(protocol), caller.ask(protocol, keys=Keys(ID, "x" * 24))

    assert all(in_.response.headers.get(name) for name in GATEWAY_HEADERS)
    assert not any(name in out.response.headers for name in GATEWAY_HEADERS)
    assert (in_.response.headers["server"] == "nginx", out.response.headers["server"] == "nginx") == (True, False)
    assert (out.response.status, json.loads(out.response.body)) == (401, {"message": "HMAC signature does not match"})


def test_yunjian_answers_in_the_shapes_of_its_page(caller: Caller) -> None:
    told = json.loads(caller.ask(PROTOCOLS["yunjian"]).response.body)
    failed = json.loads(caller.ask(PROTOCOLS["yunjian"], scenario="spoof").response.body)

    assert (told["errcode"], told["errmsg"], told["result"]["score"]) == ("P0000", "同一人", "96")
    assert (len(told["jobid"]), told["jobid"][:4], len(told["responsetime"])) == (25, "ZT20", 17)
    assert (failed["errcode"], failed["result"]) == ("00001", {})


def test_the_retired_protocol_answers_in_the_shape_of_its_page(caller: Caller) -> None:
    said = json.loads(caller.ask(IDCARD).response.body)
    assert said == {"data": {"similarity": 96.3, "session_id": "s1"}, "code": 0, "message": "OK"}


@pytest.mark.parametrize(
    ("scenario", "similarity", "problem"), [("low_pass", 75.0, P.NO_MATCH), ("pass", 96.3, P.MATCH)]
)
def test_seventy_five_is_no_match_under_the_retired_line(
    caller: Caller, scenario: str, similarity: float, problem: P
) -> None:
    said = caller.ask(IDCARD, scenario=scenario)
    assert (said.verdict.similarity, said.problem) == (similarity, problem)


def test_kuaidi100s_score_has_two_decimals(caller: Caller) -> None:
    data = json.loads(caller.ask(KUAIDI, scenario="low_pass").response.body)["data"]
    assert data["score"] == "75.00"
    assert len(data["sourceToken"]) == len(data["compareToken"]) == 32


def test_a_face_token_stands_for_its_picture(caller: Caller) -> None:
    one, other = picture(), picture("no_match")
    shown = [Picture(each) for each in (json.loads(json.dumps(text)) for text in _encoded(one, other))]
    first = caller.send(KUAIDI, FaceCompare(*shown))
    again = caller.send(KUAIDI, FaceCompare(*shown))
    by_token = FaceCompare(*(Picture(token, "FACE_TOKEN") for token in (again.answer.source_token, again.answer.compare_token)))  # fmt: skip  # noqa: E501
    said = caller.send(KUAIDI, by_token)

    assert first.answer == again.answer == said.answer
    assert said.problem is P.NO_MATCH, "the marker of the picture is seen behind its token"
    assert len(caller.billed(one)) == 3


def _encoded(*pictures: bytes) -> list[str]:
    return [KUAIDI.ask(each, "", "").source.image for each in pictures]


def test_a_face_token_is_for_whom_it_was_issued_to(sandbox: Sandbox, caller: Caller) -> None:
    token = caller.ask(KUAIDI).answer.source_token
    unknown = FaceCompare(Picture("0" * 32, "FACE_TOKEN"), Picture(token, "FACE_TOKEN"))
    assert caller.send(KUAIDI, unknown).problem is P.VENDOR_REFUSES_REQUEST
    assert caller.send(KUAIDI, FaceCompare(unknown.compare, unknown.compare)).problem is P.MATCH


def test_a_link_to_this_machines_cos_is_fetched(caller: Caller, evidence: Evidence) -> None:
    one, other = picture(), picture()
    links = [evidence.put(f"linked/{md5_of(each)}", each)["url"] for each in (one, other)]
    by_link = caller.send(KUAIDI, FaceCompare(*(Picture(link, "URL") for link in links)))
    retired_by_link = caller.send(IDCARD, retired.IdCardCompare(NUMBER, NAME, url=links[0]))

    assert by_link.problem is retired_by_link.problem is P.MATCH
    assert {row["action"] for row in caller.billed(one)} == {"face_compare", "idcardcompare"}
    assert len(caller.billed(other)) == 1


def test_a_link_of_coss_own_form_is_fetched_from_the_cos_of_this_machine(
    sandbox: Sandbox, caller: Caller, evidence: Evidence
) -> None:
    evidence.put("own-form", picture())
    client = cos_client(sandbox)
    client._conf._ip, client._conf._port, client._conf._scheme = None, None, "https"
    link = client.get_presigned_url(Method="GET", Bucket=BUCKETS[REGION], Key="own-form")
    assert caller.send(IDCARD, retired.IdCardCompare(NUMBER, NAME, url=link)).problem is P.MATCH


@pytest.mark.parametrize(
    "link",
    ["http://example.com/a.jpg", "http://169.254.169.254/latest/meta-data", "http://127.0.0.1:1/a.jpg",
     "http://{cos}@example.com/a.jpg", "http://example.com/?{cos}", "https://{cos}/a.jpg", "http://{cos}/no-such-1250000000/k",
     "http://{inbox}/no-such", "http://{vendors}/ledger"],
)  # fmt: skip
def test_no_other_link_is_followed(sandbox: Sandbox, caller: Caller, link: str) -> None:
    ports = {name: getattr(sandbox, name).removeprefix("http://") for name in ("cos", "inbox", "vendors")}
    foreign, before = link.format(**ports), len(caller.bill()["calls"])
    by_retired = caller.send(IDCARD, retired.IdCardCompare(NUMBER, NAME, url=foreign))
    by_kuaidi = caller.send(KUAIDI, FaceCompare(Picture(foreign, "URL"), Picture(*_encoded(picture()))))

    assert by_retired.verdict.vendor_code == "-5805"
    assert by_kuaidi.verdict.vendor_code == "400"
    assert len(caller.bill()["calls"]) == before


def test_an_older_signature_in_a_form_asks_image_recognition(sandbox: Sandbox, caller: Caller) -> None:
    """As the vendor's Node client signs when it is told to."""
    protocol, photo = PROTOCOLS["tencent_id"], picture()
    question = protocol.ask(photo, NAME, NUMBER)
    fields = {
        "Action": "ImageRecognitionV2", "Version": "2018-03-01", "SecretId": ID, "Timestamp": str(int(time.time())),
        "Nonce": "1", "SignatureMethod": "HmacSHA256", "IdCard": NUMBER, "Name": NAME,
        "ImageBase64": question.image_base64,
    }  # fmt: skip
    host = urlsplit(sandbox.vendors).netloc
    fields["Signature"] = tc1.signature(tc1.text_to_sign("POST", host, "/", fields), KEY, "sha256")
    headers = {"host": host, "content-type": "application/x-www-form-urlencoded"}
    caller.wait(protocol)
    answer = deliver(HttpRequest("POST", f"{sandbox.vendors}/", headers, urlencode(fields).encode()))

    assert caller.told(protocol, question, answer).problem is P.MATCH
    assert [row["action"] for row in caller.billed(photo)] == ["ImageRecognitionV2"]


@pytest.mark.parametrize(
    ("name", "size", "code"),
    [("tencent_id", (10 << 20) + 1, "RequestSizeLimitExceeded"), ("idcardcompare", (6 << 20) + 1, "23"),
     ("idcardcompare", 17 << 20, "23"), ("kuaidi100", 17 << 20, "400"), ("yunjian", 17 << 20, "gateway.too_large")],
)  # fmt: skip
def test_a_body_that_is_too_large_is_refused_in_the_vendors_words(
    caller: Caller, name: str, size: int, code: str
) -> None:
    protocol = PROTOCOLS[name]
    question = protocol.ask(picture(), NAME, NUMBER)
    request = caller.signed(protocol, question)
    if name == "tencent_id":  # the body is signed; what is too large is refused before anybody looks
        assert code.encode() in caller.deliver(protocol, replace(request, body=b" " * size)).body
        return
    answer = caller.deliver(protocol, replace(request, body=request.body + b" " * (size - len(request.body))))
    assert caller.told(protocol, question, answer).verdict.vendor_code == code


@pytest.mark.parametrize(("method", "path"), [("POST", "/nowhere"), ("GET", "/favicon.ico"), ("POST", "/v1/api")])
def test_a_path_of_nobodys_is_told_what_is_played(sandbox: Sandbox, method: str, path: str) -> None:
    status, _, body = http(method, sandbox.vendors + path, b"" if method == "POST" else None)
    assert status == 404
    assert b"/face/idcardcompare" in body


@every_protocol
def test_a_silence_comes_after_it_was_executed_and_billed(caller: Caller, protocol: Protocol) -> None:
    photo = picture()
    with pytest.raises(Silent):
        caller.ask(protocol, photo, scenario="timeout_after*1", timeout_s=0.7)
    assert [row["billed"] for row in caller.billed(photo)] == ["yes"]
    assert caller.ask(protocol, photo, scenario="timeout_after*1").problem is P.MATCH


@every_protocol
@pytest.mark.parametrize("scenario", ["truncated", "bad_json"])
def test_an_answer_may_be_half_or_no_json_and_is_billed(caller: Caller, protocol: Protocol, scenario: str) -> None:
    photo = picture()
    with pytest.raises(Silent):
        caller.ask(protocol, photo, scenario=scenario)
    assert [row["billed"] for row in caller.billed(photo)] == ["yes"]


@every_protocol
def test_a_slow_answer_is_whole(caller: Caller, protocol: Protocol) -> None:
    began = time.monotonic()
    assert caller.ask(protocol, scenario="slow").problem is P.MATCH
    assert 2.9 < time.monotonic() - began < 6
