"""Several records in one event: none is lost for another's sake, and a second try tells the same messages."""

import copy
import importlib.util
import json
import logging
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay import index
from tests.unit.relay.conftest import Receiver
from tests.unit.relay.test_relay import EVENT

APP = Path(__file__).resolve().parents[3] / "functions" / "store_media" / "app.py"


def record(number: int = 0, bucket: str = "media", **stored: Any) -> Any:
    made = copy.deepcopy(EVENT["Records"][0])
    made["cos"]["cosObject"].update({"key": f"/1250000000/{bucket}/uploads/{number}", **stored})
    made["cos"]["cosBucket"]["name"] = bucket
    return made


def told(receiver: Receiver) -> list[list[str]]:
    """The keys of each message that came."""
    return [[one["cos"]["cosObject"]["key"] for one in json.loads(body)["Records"]] for _, body in receiver.got]


def ids(receiver: Receiver) -> list[str]:
    return [headers["webhook-id"] for headers, _ in receiver.got]


@pytest.mark.enable_socket
def test_records_of_several_buckets_leave_as_they_came_and_facegate_decides_whose_they_are(receiver: Receiver) -> None:
    records = [record(0, "media"), record(1, "somebody-elses"), record(2, "media")]
    assert index.main_handler({"Records": records}, None) == {"delivered": 3, "passed_over": 0}
    assert told(receiver) == [[one["cos"]["cosObject"]["key"] for one in records]]


def test_an_event_without_records_needs_no_call() -> None:
    assert index.main_handler({"Records": []}, None) == {"delivered": 0, "passed_over": 0}


@pytest.mark.parametrize("event", [{}, {"Records": None}, {"Records": {}}, {"Records": "text"}, {"Type": "Timer"}])
def test_what_is_no_event_of_cos_raises_so_that_a_wrong_trigger_is_seen(event: Any) -> None:
    with pytest.raises(index.RelayError, match="no event of COS"):
        index.main_handler(event, None)


MALFORMED: dict[str, Any] = {
    "nothing": None, "a number": 7, "a text": "text", "a list": [], "empty": {}, "no event": {"cos": record()["cos"]},
    "no object": {"cos": {"cosBucket": {}}, "event": {}}, "no key": record(key=None), "a nested key": record(key={}),
    "a list as bucket": {"cos": {**record()["cos"], "cosBucket": ["name"]}, "event": {}},
    "a list as meta": record(meta=["ETag"]), "no address": record(url="http://[SENSITIVE"),
    "a number as address": record(url=7), "endless": record(key="x" * index.MOST_BYTES),
}  # fmt: skip


@pytest.mark.enable_socket
@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_record_loses_no_good_one_and_its_content_is_not_logged(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    given = [record(0), MALFORMED[what], record(1)]
    with caplog.at_level(logging.DEBUG):
        assert index.main_handler({"Records": given}, None) == {"delivered": 2, "passed_over": 1}
    assert told(receiver) == [["/1250000000/media/uploads/0", "/1250000000/media/uploads/1"]]
    assert caplog.messages == ["a record was passed over: it has not the form of COS's events"]


def test_malformed_records_alone_need_no_call_and_no_second_try() -> None:
    given = {"Records": list(MALFORMED.values())}
    assert index.main_handler(given, None) == {"delivered": 0, "passed_over": len(MALFORMED)}


def test_nothing_nested_leaves_where_a_text_or_a_number_belongs() -> None:
    odd = record(size={"x": "SENSITIVE"}, vid=["SENSITIVE"], meta={"ETag": {"x": "SENSITIVE"}})
    odd["event"]["eventTime"] = {"x": "SENSITIVE"}
    assert "SENSITIVE" not in json.dumps(index.reduced(odd))


@pytest.mark.enable_socket
def test_more_than_one_message_leaves_in_order_each_with_an_id_of_its_own(receiver: Receiver) -> None:
    records = [record(number) for number in range(2 * index.MOST_RECORDS + 1)]
    for _ in range(2):
        assert index.main_handler({"Records": records}, None)["delivered"] == len(records)
    keys = [one["cos"]["cosObject"]["key"] for one in records]
    assert [len(message) for message in told(receiver)] == [index.MOST_RECORDS, index.MOST_RECORDS, 1] * 2
    assert list(chain(*told(receiver))) == keys * 2
    assert len(set(ids(receiver))) == 3 and ids(receiver)[:3] == ids(receiver)[3:]


@pytest.mark.enable_socket
def test_a_failed_message_holds_up_no_other_and_the_event_is_tried_again(receiver: Receiver) -> None:
    event = {"Records": [record(number) for number in range(3 * index.MOST_RECORDS)]}
    receiver.statuses = [503, 202, 500]
    with pytest.raises(index.RelayError) as raised:
        index.main_handler(event, None)
    first, _, third = ids(receiver)
    assert str(raised.value) == "; ".join(
        f"{name}, records: {index.MOST_RECORDS}, not delivered: 127.0.0.1 answered {status}"
        for name, status in ((first, 503), (third, 500))
    )
    assert index.main_handler(event, None)["delivered"] == 3 * index.MOST_RECORDS
    assert ids(receiver)[3:] == ids(receiver)[:3]


@pytest.mark.parametrize(
    "changed", [{"size": 1030}, {"vid": "2"}, {"meta": {"ETag": '"4567"'}}, {"key": "/1250000000/media/uploads/1"}]
)
def test_another_object_has_another_id(changed: dict[str, Any]) -> None:
    assert index.message_id([index.reduced(record())]) != index.message_id([index.reduced(record(**changed))])


def test_what_changes_from_try_to_try_changes_no_id() -> None:
    again = record(meta={"ETag": '"0123"', "x-cos-request-id": "another"})
    again["event"].update(reqid=7, requestParameters={}, eventQueue="another")
    assert index.message_id([index.reduced(record())]) == index.message_id([index.reduced(again)])


SIZES = st.lists(st.integers(0, index.MOST_BYTES), max_size=25)


@given(SIZES)
def test_however_large_the_records_are_each_message_can_be_taken_and_nothing_is_lost(sizes: list[int]) -> None:
    given = [record(number, vid="x" * size) for number, size in enumerate(sizes)]
    kept = list(index.understood(given))
    made = list(index.messages(kept))
    assert list(chain(*made)) == kept
    assert all(0 < len(one) <= index.MOST_RECORDS and len(index.body_of(one)) <= index.MOST_BYTES for one in made)
    assert len(kept) == sum(index.fits([index.reduced(one)]) for one in given)


def test_facegate_takes_the_largest_message() -> None:
    spec = importlib.util.spec_from_file_location("store_media_app_for_relay", APP)
    assert spec and spec.loader
    app = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(app)
    assert app.LARGEST["/v1/storage_events"] >= index.MOST_BYTES
