"""After DELETE nothing yields the person: no store, no log at DEBUG, and no copy of the table that was taken before.

Whoever tries has everything that is left: every table, root's rights in KMS, and the code that sealed it.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import canaries
import pytest
from botocore.exceptions import ClientError
from deployed import VERIFICATIONS, Deployed, log_lines, until
from drop_bucket import Bucket
from vendor_protocols import OldClient

from facegate.adapters.keyring import context, unsealed
from facegate.model import stamp
from local.home import STACK
from local.journey import PORTRAIT
from ops import forgotten
from ops.deployment import find

NAME, NUMBER, REFERENCE = "夜莺", "110101199003078670", "order-4712"
PERSON = {"name": NAME, "id_number": NUMBER}
FUNCTIONS = (
    "authorize", "open-verification", "store-media", "run-check", "vendor-endpoint", "deliver-result",
    "read-verification", "manage-webhooks", "sweep",
)  # fmt: skip
DEBUG = {"POWERTOOLS_LOG_LEVEL": "DEBUG", "POWERTOOLS_DEBUG": "true", "POWERTOOLS_DEV": "true"}


def verified(deployed: Deployed, **fields: Any) -> str:
    """A person whom the authority knows; the id."""
    opened = deployed.open(kind="id_compare", subject=PERSON, vendor="yunjian", reference=REFERENCE, **fields)
    deployed.upload(opened)
    seen = deployed.finished(opened["id"])
    assert seen["status"] == "verified", seen
    return str(seen["id"])


def forget(deployed: Deployed, verification: str) -> Any:
    return deployed.api.call("DELETE", f"{VERIFICATIONS}/{verification}")


def everything(deployed: Deployed) -> list[dict[str, Any]]:
    """Every item of every table."""
    client = deployed.aws("dynamodb")
    pages = [
        page
        for name in client.list_tables()["TableNames"]
        for page in client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    ]
    return [item for page in pages for item in page["Items"]]


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)


def opened_by_root(deployed: Deployed, verification: str, copy: Any) -> list[str]:
    """What can be read out of a copied item with all that there is: every text of every table is tried as a wrapped
    key, every text of the copy as what it sealed or as KMS's own."""
    kms, about = deployed.aws("kms"), context(deployed.tenant, verification)
    keys = [key for text in texts(everything(deployed)) if (key := _by_kms(kms, text, about)) is not None]
    found = [plain.decode() for text in texts(copy) if (plain := _by_kms(kms, text, about)) is not None]
    for key in (key for key in keys if len(key) == 32):
        for text in texts(copy):
            with suppress(ValueError):
                found.append(unsealed(text, key, deployed.tenant, verification).decode())
    return found


def _by_kms(kms: Any, text: str, about: dict[str, str]) -> bytes | None:
    with suppress(ValueError, ClientError):
        blob = base64.b64decode(text, validate=True)
        if len(blob) > 40:
            return bytes(kms.decrypt(CiphertextBlob=blob, EncryptionContext=about)["Plaintext"])
    return None


def test_a_copy_taken_before_the_deletion_opens_no_more(deployed: Deployed) -> None:
    name = verified(deployed)
    copy = deployed.item(name)
    assert NAME not in str(copy) and NUMBER not in str(copy)
    assert [json.loads(text) for text in opened_by_root(deployed, name, copy)] == [PERSON], "the attempt itself works"
    assert deployed.has_key(name)

    seen = forget(deployed, name)
    assert seen["redaction"]["removed"] == ["media", "subject", "key"]
    assert not deployed.has_key(name)
    assert opened_by_root(deployed, name, copy) == []


def test_nothing_that_is_left_yields_the_person(deployed: Deployed) -> None:
    name = verified(deployed)
    deployed.told(name, "verified")
    forget(deployed, name)
    deployed.told(name, "redacted")
    left = everything(deployed)
    of_it = [item for item in left if name.removeprefix("ver_") in str(item)]
    kinds = {str(item["sk"]["S"]).split("#")[0] for item in of_it if "sk" in item}
    assert {"VER", "DELIVERY"} <= kinds, "the verdict and what was said of it stay"
    said = json.dumps([left, deployed.messages(name)], ensure_ascii=False)
    assert NAME not in said and NUMBER not in said
    assert not [text for item in of_it for text in texts(item) if opened_by_root(deployed, name, text)]
    assert deployed.objects(name) == []


def test_the_links_of_the_vendors_door_go_with_the_same_key(deployed: Deployed) -> None:
    opened = deployed.open(upload={"door": "vendor"}, subject=PERSON)
    name, copy = opened["id"], deployed.item(opened["id"])
    read = opened_by_root(deployed, name, copy)
    assert sorted(len(json.loads(text)) for text in read) == [2, 2, 2], "the person and two pairs of links"
    assert {json.loads(text).get("upload") for text in read} > {each["url"] for each in opened["uploads"].values()}
    deployed.upload(opened)
    deployed.post(name, "submit")
    seen = deployed.finished(name)
    forgotten_at = forget(deployed, name)["redaction"]
    assert forgotten_at["removed"] == ["media", "subject", *(["best_frame"] if seen["result"] else []), "key"]
    assert opened_by_root(deployed, name, copy) == []


def test_the_answer_names_the_vendors_own_copies(deployed: Deployed) -> None:
    """FaceID's last two hours; the others publish no time. Who was never asked has none."""
    faceid, yunjian, nobody = deployed.verify()["id"], verified(deployed), deployed.open()["id"]
    deployed.post(nobody, "cancel")
    ends = deployed.read(faceid)["attempts"][0]["ended_at"]
    two_hours_later = stamp(datetime.fromisoformat(ends) + timedelta(hours=2))
    assert forget(deployed, faceid)["redaction"]["vendor_copies"] == {"tencent_reflect": two_hours_later}
    assert forget(deployed, yunjian)["redaction"]["vendor_copies"] == {"yunjian": None}
    last = forget(deployed, nobody)["redaction"]
    assert (last["removed"], last["vendor_copies"]) == ([], {})
    assert deployed.read(faceid)["redaction"] == forget(deployed, faceid)["redaction"]


def test_a_key_ends_by_itself_after_everything_that_it_seals(deployed: Deployed) -> None:
    name = deployed.open(subject=PERSON)["id"]
    item = next(each for each in everything(deployed) if name in str(each) and "wrapped" in each)
    left_s = int(item["expires_epoch"]["N"]) - datetime.now(UTC).timestamp()
    assert 2 * 86_400 < left_s < 2 * 86_400 + 1801, "retention, the verification's life, and a day"


def test_the_sweeper_shreds_what_its_time_is_over_for(deployed: Deployed) -> None:
    name = verified(deployed)
    copy = deployed.item(name)
    deployed.told(name, "verified")
    until(lambda: deployed.item(name).get("announced") == len(deployed.item(name)["outbox"]))
    deployed.turn_back(name, "due_at")
    deployed.sweep()
    assert deployed.read(name)["redaction"]["removed"] == ["media", "subject", "key"]
    assert opened_by_root(deployed, name, copy) == [] and not deployed.has_key(name)


def test_a_key_that_is_lost_while_the_question_is_open_ends_it_and_asks_nobody(deployed: Deployed) -> None:
    with deployed.held_back("run-check"):
        opened = deployed.open(kind="id_compare", subject=PERSON, vendor="yunjian")
        deployed.upload(opened)
        deployed.until(opened["id"], lambda seen: seen["status"] == "processing")
        for item in everything(deployed):
            if "wrapped" in item and opened["id"] in str(item):
                deployed.keys_table.delete_item(Key={"pk": item["pk"]["S"]})
    seen = deployed.finished(opened["id"])
    assert (seen["status"], seen["last_error"]["code"], seen["attempts"]) == ("errored", "subject_shredded", [])


def test_the_command_shows_what_is_left_and_that_nothing_is(deployed: Deployed) -> None:
    name = verified(deployed)
    person = forgotten.Person(find(STACK, deployed.home), deployed.tenant, name)
    bucket = Bucket(deployed)
    with bucket.silence():  # of this one nobody told us
        bucket.drop(f"drop/{deployed.tenant}/{name}/photo", PORTRAIT.read_bytes())
    before = {finding.check: finding.level for finding in forgotten.look(person)}
    assert before == {
        "key": "fail", "copies of the keys": "ok", "item": "fail", "objects": "fail", "dropped": "fail"
    }  # fmt: skip
    forget(deployed, name)
    assert {finding.check: finding.level for finding in forgotten.look(person)} == dict.fromkeys(before, "ok")


def test_a_slip_of_the_pen_is_no_proof(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    name = verified(deployed)
    forget(deployed, name)
    stack = find(STACK, deployed.home)
    for tenant, verification in ((deployed.tenant, name[:-1] + "X"), ("tenant_other", name)):
        found = {one.check: one for one in forgotten.look(forgotten.Person(stack, tenant, verification))}
        assert found["item"].level == "fail" and "no such verification" in found["item"].text
    for given in (["", ""], [name, deployed.tenant], [deployed.tenant, "ver_1"]):
        assert forgotten.main(["--tenant", given[0], "--verification", given[1]]) == 2
    assert "Who? make forgotten" in capsys.readouterr().err


def test_what_was_dropped_goes_however_many_pages_it_fills(deployed: Deployed) -> None:
    name, bucket = deployed.open()["id"], Bucket(deployed)
    deployed.post(name, "cancel")
    with bucket.silence():
        for number in range(1005):
            bucket.drop(f"drop/{deployed.tenant}/{name}/photo/{number}", b"x")
        assert forget(deployed, name)["redaction"]["removed"] == ["media"]
        assert not [key for key in bucket.listing() if name in key]


def test_the_command_sees_a_copy_of_the_keys(deployed: Deployed) -> None:
    client, table = deployed.aws("dynamodb"), deployed.keys_table.name
    person = forgotten.Person(find(STACK, deployed.home), deployed.tenant, "ver_none")

    def set_recovery(on: bool) -> None:
        client.update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": on}
        )

    set_recovery(True)
    try:
        said = {finding.check: finding for finding in forgotten.look(person)}["copies of the keys"]
    finally:
        set_recovery(False)
    assert said.level == "fail" and "point-in-time recovery" in said.text


@pytest.fixture(scope="module")
def loud(deployed: Deployed) -> str:
    """Every log of a time in which the functions were as talkative as they can be made."""
    logs = deployed.aws("logs")
    groups = [f"/aws/lambda/facegate-{function}" for function in FUNCTIONS]
    before = {group: len(log_lines(logs, group)) for group in groups}
    with deployed.with_settings(*FUNCTIONS, **DEBUG):  # submitted by hand: events would wake many cold workers at once
        name = deployed.submitted(kind="id_compare", subject=PERSON, vendor="yunjian", reference=REFERENCE)
        assert deployed.finished(name)["status"] == "verified"
        for body in ({"kind": "id_compare", "subject": {**PERSON, "sex": "x"}}, {"subject": PERSON}, [PERSON]):
            deployed.api.request("POST", VERIFICATIONS, json=body)
        deployed.finished(deployed.submitted(upload={"door": "vendor"}, subject=PERSON))
        deployed.framed(deployed.submitted(subject=PERSON))
        assert OldClient(deployed, []).ask("tencent_id", NAME, NUMBER).problem == "match"
        with deployed.cos_events("off"):
            photo = deployed.open(kind="id_compare", subject=PERSON, vendor="yunjian")["id"]
        sent = deployed.api.request(
            "PUT",
            f"{VERIFICATIONS}/{photo}/media/photo",
            data=PORTRAIT.read_bytes(),
            headers={"content-type": "image/jpeg"},
        )
        assert sent.status_code == 200, sent.text
        deployed.finished(photo)
        canaries.through_every_door(deployed)
        canaries.named_after(deployed, NAME)
        forget(deployed, name)
        deployed.sweep()
        deployed.quiet()
    return "\n".join(line for group in groups for line in log_lines(logs, group)[before[group] :])


def test_the_logs_were_loud(loud: str) -> None:
    assert loud.count('"message": "answered"') > 5 or loud.count('"message":"answered"') > 5
    assert '{\n    "level"' in loud, "POWERTOOLS_DEV reached the workers"


@pytest.mark.parametrize(
    "mark",
    [
        NAME, json.dumps(NAME)[1:-1], NUMBER, REFERENCE, base64.b64encode(PORTRAIT.read_bytes()).decode()[3000:3048],
        quote(NAME), canaries.MARK, "q-signature", "TC3-HMAC-SHA256", "Bearer fg_", "Plaintext", "CiphertextBlob",
        "wrapped", "sealed_",
    ],
)  # fmt: skip
def test_at_debug_too_no_log_holds_anything_of_a_person_or_a_key(loud: str, mark: str) -> None:
    assert [line for line in loud.splitlines() if mark in line] == []
