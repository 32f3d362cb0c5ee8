"""Old clients at our door, on the deployed template: pass, fail, wrong key, bad input; each in its vendor's words."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from deployed import PHOTO, Deployed
from vendor_protocols import NAME, NUMBER, PROTOCOLS, SECRET_CODE, OldClient

from facegate import exchange
from facegate.adapters.cos import Media
from facegate.signing import Keys, image_api, kuaidi100, marketplace
from facegate.wire import HttpRequest
from local.cloud import PERSON_CALLS
from local.home import BUCKETS, COS_KEYS
from local.journey import PORTRAIT, STANDING
from sandbox.persons import REGISTRY

PEOPLE = {person.scenario: (person.name, person.number) for person in REGISTRY}
FORM = "application/x-www-form-urlencoded"
PHOTO_TEXT = base64.b64encode(PORTRAIT.read_bytes()).decode()
IDENTITY = tuple(protocol for protocol in PROTOCOLS if protocol != "kuaidi100")


@pytest.fixture
def old(deployed: Deployed) -> OldClient:
    return OldClient(deployed, [])


def newest(deployed: Deployed) -> Any:
    return deployed.api.call("GET", "/v1/verifications?limit=1")["data"][0]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_old_client_is_told_that_it_is_the_same_person(old: OldClient, protocol: str) -> None:
    verdict = old.ask(protocol)
    assert verdict.problem == "match" and verdict.similarity and verdict.similarity > 80
    seen = newest(old.deployed)
    assert (seen["status"], [attempt["billed"] for attempt in seen["attempts"]]) == ("verified", ["yes"])


@pytest.mark.parametrize("protocol", IDENTITY)
@pytest.mark.parametrize("scenario", ["no_match", "id_name_mismatch", "id_not_found", "no_registry_photo"])
def test_a_verdict_about_a_person_is_told_in_the_protocols_own_words(
    old: OldClient, protocol: str, scenario: str
) -> None:
    expected = {"id_name_mismatch": "identity_mismatch", "id_not_found": "identity_not_found"}
    expected["no_registry_photo"] = "registry_photo_unusable"
    assert old.ask(protocol, *PEOPLE[scenario]).problem == expected.get(scenario, scenario)


def test_two_different_faces_are_told_apart(old: OldClient) -> None:
    assert old.ask("kuaidi100", photo=PHOTO).problem == "no_match"


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("fault", ["another secret", "an unknown key"])
def test_a_wrong_key_is_refused_in_the_vendors_words_and_costs_nothing(
    old: OldClient, protocol: str, fault: str
) -> None:
    before, vendor = old.bill(), "tencent_id" if protocol == "retired" else protocol.split()[0]
    good = old.keys(vendor)
    bad = Keys(good.secret_id if fault == "another secret" else "AKIDnobody", "anotherSecret", good.appid)
    assert old.ask(protocol, keys=bad).problem == "vendor_credentials"
    assert old.bill() == before


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_key_of_another_dialect_opens_no_other_door(old: OldClient, protocol: str) -> None:
    other = old.keys("kuaidi100" if protocol != "kuaidi100" else "yunjian")
    assert old.ask(protocol, keys=other).problem == "vendor_credentials"


@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.parametrize("protocol", ["yunjian", "yunjian on its new gateway", "tencent_id"])
def test_a_stale_and_a_future_date_are_refused(old: OldClient, protocol: str, hours: int) -> None:
    dialect, account, question = old.order(protocol)
    then = datetime.now(UTC) + timedelta(hours=hours)
    answer, name = exchange.call(dialect, question, account, send=old.send, now=then)
    assert dialect.judge(answer, name, None).problem == "vendor_credentials"


def test_a_retired_signature_ends_when_it_says(old: OldClient) -> None:
    dialect, account, question = old.order("retired")
    then = datetime.now(UTC) - timedelta(days=100)
    answer, name = exchange.call(dialect, question, account, send=old.send, now=then)
    assert dialect.judge(answer, name, None).vendor_code == "9"


def test_the_old_scale_is_moved_and_the_answer_says_so(old: OldClient) -> None:
    verdict = old.ask("retired")
    assert verdict.similarity and verdict.similarity > 75
    assert "70" in old.heard[-1].headers["x-facegate-line"] and "75" in old.heard[-1].headers["x-facegate-line"]


def test_a_face_token_stands_for_the_picture_it_was_given_for(old: OldClient) -> None:
    old.ask("kuaidi100")
    said = old.heard[-1].json()["data"]
    again = kuaidi_form(old, sourceImage=said["sourceToken"], sourceImageType="FACE_TOKEN")
    assert post(old, "/api", again).json()["data"]["sourceToken"] == said["sourceToken"]
    assert said["sourceToken"] != said["compareToken"]


@pytest.mark.parametrize("token", ["0" * 32, "../../x", "\u00e9"])
def test_a_token_that_nobody_was_given_is_refused(old: OldClient, token: str) -> None:
    before = old.bill()
    answer = post(old, "/api", kuaidi_form(old, sourceImage=token, sourceImageType="FACE_TOKEN"))
    assert answer.status_code == 200 and answer.json()["code"] == 400 and "data" not in answer.json()
    assert old.bill() == before


LINKS = (
    "http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:1/", "http://[::1]/", "https://10.0.0.1/a.jpg",
    "http://localhost/a.jpg", "file:///etc/passwd", "gopher://x/", "http://169.254.169.254.nip.io.invalid/a.jpg",
    "http://user:pw@example.com/", "https://example.com:22/", "not a link",
)  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("protocol", ["retired", "kuaidi100"])
def test_a_link_to_this_machine_or_to_nowhere_is_not_followed(old: OldClient, protocol: str, link: str) -> None:
    before, began = old.bill(), time.monotonic()
    if protocol == "retired":
        assert retired_json(old, url=link).json()["code"] == -5805
    else:
        answer = post(old, "/api", kuaidi_form(old, sourceImage=link, sourceImageType="URL"))
        assert answer.json()["code"] == 400
    assert old.bill() == before
    assert time.monotonic() - began < 30


@pytest.fixture
def redirecting() -> Iterator[str]:
    """An origin on this machine whose every answer points to the metadata address."""

    class Redirect(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirect)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_redirect_to_the_metadata_address_is_not_followed(old: OldClient, redirecting: str) -> None:
    before = old.bill()
    with old.deployed.with_settings("vendor-endpoint", LOCAL_ORIGINS=redirecting):
        assert retired_json(old, url=f"{redirecting}/a.jpg").json()["code"] == -5805
    assert old.bill() == before


@pytest.mark.parametrize("protocol", ["retired", "kuaidi100"])
def test_a_photo_behind_a_link_is_fetched(old: OldClient, protocol: str) -> None:
    link = linked_photo(old)
    if protocol == "retired":
        assert retired_json(old, url=link).json()["data"]["similarity"] > 75
    else:
        assert post(old, "/api", kuaidi_form(old, sourceImage=link, sourceImageType="URL")).json()["code"] == 200


def linked_photo(old: OldClient) -> str:
    """A photo in the sandbox's COS behind a pre-signed link of its own, as a customer would keep it."""
    region, key, now = "ap-guangzhou", f"customers/{time.time_ns()}.jpg", datetime.now(UTC)
    media = Media(Keys(*COS_KEYS), BUCKETS, "myqcloud.com", old.deployed.home.url("cos"))
    media.write(region, key, STANDING.read_bytes(), "image/jpeg")
    return str(media.download_link(region, key, now, 600))


BODIES = {
    "nothing": b"", "no UTF-8": b"\xff\xfe\xfa=\xff", "deep JSON": b"[" * 10_000, "deep objects": b'{"a":' * 10_000,
    "a zip": b"PK\x03\x04" + bytes(200), "a number": b"4711", "null": b"null", "half a pair": b'{"\\ud800": 1}',
    "multipart without a boundary": b"--x\r\nContent-Disposition: form-data; name=\"appid\"\r\n\r\n1\r\n--x--\r\n",
}  # fmt: skip
TYPES = ("application/json", FORM, "multipart/form-data", "multipart/form-data; boundary=", "text/plain", "")


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize(
    "path", ["/", "/release/jingmocompare", "/service-x/jingmocompare", "/face/idcardcompare", "/api"]
)
def test_no_body_breaks_anything(old: OldClient, path: str, body: bytes, kind: str) -> None:
    """Unsigned, so it is refused at the signature at the latest, in words that the protocol's clients can read."""
    answer = requests.post(
        old.deployed.env["FACEGATE_URL"] + path, body, headers={"content-type": kind} if kind else {}, timeout=30
    )
    assert answer.status_code < 500 and isinstance(answer.json(), dict)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_no_signed_body_breaks_anything(old: OldClient, body: bytes) -> None:
    before = old.bill()
    for protocol, path in (("yunjian", "/release/jingmocompare"), ("retired", "/face/idcardcompare")):
        dialect, account, _ = old.order(protocol)
        bare = HttpRequest("POST", account.endpoint.split("/release")[0] + path, {"content-type": FORM}, body)
        answer = old.send(dialect.sign(bare, account, datetime.now(UTC)))
        assert answer.status < 500 and json.loads(answer.body)
    assert old.bill() == before


@pytest.mark.parametrize("mb", [5, 7])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_body_that_is_too_large_is_refused_in_the_dialect(old: OldClient, protocol: str, mb: int) -> None:
    before = old.bill()
    verdict = old.ask(protocol, photo=bytes(mb * 750_000))  # base64 makes a third more of it
    assert verdict.problem not in ("match", "no_match", "vendor_credentials")
    assert verdict.billed != "yes" and old.bill() == before


def test_what_the_product_was_not_asked_by_its_number_is_refused(old: OldClient) -> None:
    assert post(old, "/api", kuaidi_form(old, secret_code="0" * 32)).json()["code"] == 400


def test_no_such_path_is_said_in_our_own_words(old: OldClient) -> None:
    answer = requests.post(old.deployed.env["FACEGATE_URL"] + "/nobody/has/this", timeout=30)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "route_not_found")


def test_a_person_asked_about_too_often_is_told_in_the_dialect(old: OldClient) -> None:
    number = "110101199003073845"
    old.deployed.count_of(number, 86_400, PERSON_CALLS)
    assert old.ask("tencent_id", "王伟", number).problem == "person_limit"
    assert old.ask("retired", "王伟", number).vendor_code == "15"


def test_a_wrong_number_costs_nothing(old: OldClient) -> None:
    before = old.bill()
    assert old.ask("yunjian", NAME, "110110199909090909").vendor_code in ("21082", "00082")
    assert old.ask("tencent_id", NAME, "110110199909090909").problem == "id_number_invalid"
    assert old.bill() == before


def test_a_vendor_that_is_silent_is_asked_once_and_never_again(old: OldClient) -> None:
    """The client is told an honest error; nobody pays for a second call that nobody waits for."""
    verdict = old.ask("tencent_id", *PEOPLE["timeout_after"])
    assert verdict.problem == "vendor_fault"
    seen = newest(old.deployed)
    old.deployed.turn_back(seen["id"], "due_at")
    old.deployed.sweep()
    done = old.deployed.finished(seen["id"])
    assert (done["status"], len(done["attempts"])) == ("requires_review", 1)


def test_an_old_client_of_one_vendor_can_be_answered_by_another(old: OldClient) -> None:
    with old.deployed.with_settings("vendor-endpoint", SERVED_BY="tencent_id=yunjian"):
        verdict = old.ask("retired")
        assert verdict.problem == "match"
        assert newest(old.deployed)["attempts"][0]["vendor"] == "yunjian"
        assert old.ask("retired", *PEOPLE["unsure"]).vendor_code == "-5802", (
            "what it has no word for is its other error"
        )


def test_a_vendor_that_is_not_asked_here_is_answered_by_one_that_looks_at_as_much(old: OldClient) -> None:
    yunjian = f"{old.deployed.home.url('vendors')}/service-sandbox1/jingmocompare"
    with old.deployed.with_settings("vendor-endpoint", VENDOR_ENDPOINTS=f"tencent_id=,yunjian={yunjian}"):
        assert old.ask("retired").problem == "match"
        assert newest(old.deployed)["attempts"][0]["vendor"] == "yunjian"


def test_nobody_says_same_person_for_a_vendor_that_would_have_looked_for_a_live_one(old: OldClient) -> None:
    before = old.bill()
    with old.deployed.with_settings(
        "vendor-endpoint", VENDOR_ENDPOINTS=f"tencent_id={old.deployed.home.url('vendors')}"
    ):
        assert old.ask("yunjian").vendor_code == "91096"
    assert old.bill() == before


def test_a_date_that_a_client_signed_arrives_as_it_was_sent(old: OldClient) -> None:
    """The page's own curl line signs `date source`, spaces and all."""
    keys, now = old.keys("yunjian"), datetime.now(UTC)
    date = marketplace.http_date(now)
    text = marketplace.text_to_sign(["date", "source"], {"date": date, "source": "source"})
    mark = marketplace.signature(text, keys.secret_key)
    said = f'hmac id = "{keys.secret_id}", algorithm = "hmac-sha1", headers = "date source", signature = {mark}'
    form = urlencode({"idcard": NUMBER, "photo": PHOTO_TEXT, "realname": NAME})
    answer = requests.post(
        old.deployed.env["FACEGATE_URL"] + "/release/jingmocompare?", form, timeout=60,
        headers={"Source": "source", "Date": date, "Authorization": said, "content-type": FORM},
    )  # fmt: skip
    assert answer.json().get("errcode") == "P0000", answer.text


# the shapes that only a page or a seldom client has


def retired_json(old: OldClient, **fields: str) -> requests.Response:
    keys = old.keys("tencent_id")
    url = old.deployed.env["FACEGATE_URL"] + "/face/idcardcompare"
    signed = image_api.sign(HttpRequest("POST", url), keys, datetime.now(UTC))
    body = {"appid": keys.appid, "idcard_number": NUMBER, "idcard_name": NAME, **fields}
    return requests.post(url, json=body, headers=dict(signed.headers), timeout=60)


def kuaidi_form(old: OldClient, **fields: str) -> dict[str, str]:
    keys = old.keys("kuaidi100")
    usual = {
        "secret_key": keys.secret_id, "secret_code": SECRET_CODE, "secret_sign": kuaidi100.sign_of(keys),
        "sourceImage": base64.b64encode(STANDING.read_bytes()).decode(), "sourceImageType": "BASE64",
        "compareImage": PHOTO_TEXT, "compareImageType": "BASE64",
    }  # fmt: skip
    return {**usual, **fields}


def post(old: OldClient, path: str, form: dict[str, str]) -> requests.Response:
    return requests.post(
        old.deployed.env["FACEGATE_URL"] + path, urlencode(form), headers={"content-type": FORM}, timeout=60
    )
