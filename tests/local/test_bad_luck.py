"""Workers that die, answers that do not come, messages that vanish, time that runs out: the sweeper ends everything."""

from typing import Any

import pytest
from deployed import OPEN, VERIFICATIONS, Deployed, until

SILENT_ONCE = ["timeout_after*1", "reset_before*1", "truncated*1", "bad_json*1"]
SILENT = "timeout_after"  # holds the line and never answers


def asked(deployed: Deployed, verification: str, times: int = 1) -> None:
    """Until the vendor has the call in its hands."""
    until(lambda: len(deployed.bill(verification)) >= times)


def state(deployed: Deployed, verification: str) -> str:
    return str(deployed.item(verification)["state"])


def lose_lease(deployed: Deployed, verification: str) -> None:
    """The lease is over, and the sweeper sees it."""
    deployed.turn_back(verification, "lease_ends_at", "due_at")
    deployed.sweep()
    assert state(deployed, verification) == "unknown"


def end_grace(deployed: Deployed, verification: str) -> None:
    """No late answer came in its grace, and the sweeper sees that."""
    deployed.turn_back(verification, "due_at")
    deployed.sweep()


# a worker dies


def test_a_worker_killed_during_the_call_costs_one_call_more(deployed: Deployed) -> None:
    name = deployed.start("slow*1")
    asked(deployed, name)
    assert deployed.kill_workers("run-check")
    assert (deployed.read(name)["status"], state(deployed, name)) == ("processing", "calling")
    lose_lease(deployed, name)
    assert deployed.read(name)["status"] == "processing"
    end_grace(deployed, name)

    seen = deployed.finished(name)
    assert (seen["status"], [attempt["billed"] for attempt in seen["attempts"]]) == ("verified", ["unknown", "yes"])
    assert [call["billed"] for call in deployed.bill(name)] == ["yes", "yes"]


def test_before_its_lease_ends_nobody_touches_a_call(deployed: Deployed) -> None:
    name = deployed.start("slow")
    asked(deployed, name)
    deployed.turn_back(name, "due_at")  # a wrong due date moves nothing: the lease decides
    deployed.sweep()
    seen = deployed.finished(name)
    assert (seen["status"], len(seen["attempts"]), len(deployed.bill(name))) == ("verified", 1, 1)


def test_an_answer_in_the_time_of_grace_is_the_verdict(deployed: Deployed) -> None:
    name = deployed.start("slow*1")
    asked(deployed, name)
    with deployed.frozen("run-check"):
        lose_lease(deployed, name)
    seen = deployed.finished(name)
    assert (seen["status"], [attempt["billed"] for attempt in seen["attempts"]]) == ("verified", ["yes"])
    assert len(deployed.bill(name)) == 1


def test_an_answer_after_the_verdict_still_stands_in_the_bill(deployed: Deployed) -> None:
    name = deployed.start("slow*1")
    asked(deployed, name)
    with deployed.frozen("run-check"):
        lose_lease(deployed, name)
        end_grace(deployed, name)
        before = deployed.framed(name)
        assert [attempt["billed"] for attempt in before["attempts"]] == ["unknown", "yes"]
    seen = deployed.until(name, lambda seen: seen["attempts"][0]["billed"] == "yes")
    assert {attempt["vendor_request_id"] for attempt in seen["attempts"]} == {
        call["request_id"] for call in deployed.bill(name)
    }
    assert {**seen, "attempts": []} == {**before, "attempts": []}


# the vendor is silent


@pytest.fixture(scope="module")
def quiet_vendor(deployed: Deployed) -> dict[str, Any]:
    """One verification for each kind of silence, as it ended with the sweeper running all the while."""
    names = {scenario: deployed.submitted(scenario) for scenario in (*SILENT_ONCE, SILENT)}

    def swept() -> dict[str, Any] | None:
        deployed.sweep()
        seen = {scenario: deployed.read(name) for scenario, name in names.items()}
        return seen if all(one["status"] not in OPEN for one in seen.values()) else None

    return dict(until(swept))


@pytest.mark.parametrize("scenario", SILENT_ONCE)
def test_one_silence_is_paid_for_again(deployed: Deployed, quiet_vendor: dict[str, Any], scenario: str) -> None:
    seen = quiet_vendor[scenario]
    assert (seen["status"], seen["attempts_left"]) == ("verified", 2)
    assert [attempt["billed"] for attempt in seen["attempts"]] == ["unknown", "yes"]
    assert len(deployed.bill(seen["id"])) <= 2


def test_two_silences_are_for_a_person_to_look_at(deployed: Deployed, quiet_vendor: dict[str, Any]) -> None:
    seen = quiet_vendor[SILENT]
    assert (seen["status"], seen["last_error"]["code"]) == ("requires_review", "vendor_silent")
    assert (seen["result"]["outcome"], seen["attempts_left"]) == ("undetermined", 3)
    assert [attempt["billed"] for attempt in seen["attempts"]] == ["unknown", "unknown"]
    assert len(deployed.bill(seen["id"])) == 2


# a message is lost


def test_a_lost_check_message_is_sent_again_by_the_sweeper(deployed: Deployed) -> None:
    with deployed.held_back("run-check") as queue:
        name = deployed.start()
        deployed.until(name, lambda seen: seen["status"] == "processing")
        deployed.aws("sqs").purge_queue(QueueUrl=queue)
        assert deployed.waiting(queue) == 0
    deployed.turn_back(name, "due_at")
    deployed.sweep()
    assert deployed.finished(name)["status"] == "verified"
    assert len(deployed.bill(name)) == 1


def test_lost_webhook_messages_are_sent_again_by_the_sweeper(deployed: Deployed) -> None:
    with deployed.held_back("deliver-result") as queue:
        name = deployed.verify()["id"]
        deployed.aws("sqs").purge_queue(QueueUrl=queue)
    assert deployed.messages(name) == []
    deployed.turn_back(name, "due_at")
    deployed.sweep()
    assert deployed.told(name, "verified")["signature"] == "verified"


# time runs out


def test_an_unfinished_verification_expires(deployed: Deployed) -> None:
    opened = deployed.open()
    deployed.turn_back(opened["id"], "expires_at", "due_at")
    deployed.sweep()
    seen = deployed.read(opened["id"])
    assert (seen["status"], seen["last_error"]["code"], seen["uploads"]) == ("expired", "expired", None)
    assert deployed.told(opened["id"], "expired")["signature"] == "verified"

    deployed.upload(opened)  # its links still open the bucket, and lead nowhere
    assert deployed.api.request("POST", f"{VERIFICATIONS}/{opened['id']}/uploads", json={}).status_code == 409
    assert deployed.post(opened["id"], "submit")["status"] == "expired"
    assert deployed.bill(opened["id"]) == []


def test_a_verification_whose_turn_never_came_expires_unbilled(deployed: Deployed) -> None:
    with deployed.held_back("run-check"):
        name = deployed.start()
        deployed.until(name, lambda seen: seen["status"] == "processing")
        deployed.turn_back(name, "expires_at", "due_at")
        deployed.sweep()
    assert deployed.read(name)["status"] == "expired"
    assert deployed.bill(name) == []


def test_media_name_and_number_are_deleted_when_their_time_is_over(deployed: Deployed) -> None:
    name = deployed.verify(subject={"name": "Somebody", "id_number": "S1234567D"})["id"]
    deployed.told(name, "verified")
    until(lambda: deployed.item(name).get("announced") == len(deployed.item(name)["outbox"]))
    assert deployed.objects(name) and "sealed_subject" in deployed.item(name)
    deployed.turn_back(name, "due_at")
    deployed.sweep()
    seen = deployed.read(name)
    assert (seen["status"], seen["result"]["outcome"], seen["result"]["best_frame"]) == ("verified", "pass", False)
    assert seen["redaction"]["redacted_at"]
    assert deployed.objects(name) == [] and "sealed_subject" not in deployed.item(name)
    assert deployed.told(name, "redacted")["signature"] == "verified"


def test_an_upload_after_the_redaction_goes_when_no_link_can_be_alive_any_more(deployed: Deployed) -> None:
    opened = deployed.open()
    name = opened["id"]
    deployed.post(name, "cancel")
    deployed.api.call("DELETE", f"{VERIFICATIONS}/{name}")
    deployed.upload(opened)
    assert deployed.objects(name)
    until(lambda: deployed.item(name).get("announced") == len(deployed.item(name)["outbox"]))
    deployed.turn_back(name, "due_at")
    deployed.sweep()
    assert deployed.objects(name) == [] and "due_at" not in deployed.item(name)


# a caller cancels


def test_a_verification_is_canceled_once_and_for_all(deployed: Deployed) -> None:
    name = deployed.open()["id"]
    seen = deployed.post(name, "cancel")
    assert (seen["status"], deployed.post(name, "cancel")) == ("canceled", seen)
    assert deployed.told(name, "canceled")["signature"] == "verified"


def test_cancel_comes_in_time_while_the_vendor_is_not_asked(deployed: Deployed) -> None:
    with deployed.held_back("run-check"):
        name = deployed.start()
        deployed.until(name, lambda seen: seen["status"] == "processing")
        assert deployed.post(name, "cancel")["status"] == "canceled"
    assert deployed.bill(name) == [] and deployed.read(name)["attempts"] == []


def test_cancel_is_409_while_the_vendor_is_asked_and_after(deployed: Deployed) -> None:
    name = deployed.start("slow")
    asked(deployed, name)
    for status in ("processing", "verified"):
        until(lambda: deployed.read(name)["status"] == status)  # noqa: B023  called at once
        answer = deployed.api.request("POST", f"{VERIFICATIONS}/{name}/cancel")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_in_this_state")
    assert deployed.read(name)["status"] not in OPEN
