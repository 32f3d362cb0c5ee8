"""The published Python clients, unmodified: the typed international FaceID client and cos-python-sdk-v5."""

from hashlib import md5

from tests.integration.clients.conftest import Client

MD5_OF_BODY = md5(b"from python", usedforsecurity=False).hexdigest()


def test_upload_by_link_then_detect(python_client: Client) -> None:
    said = python_client(do="faceid")
    assert (said["result"], said["sim"], said["frame"]) == ("Success", 96.3, True)


def test_a_spoof_arrives_as_the_clients_own_result(python_client: Client, spoof: str) -> None:
    assert python_client(do="faceid", live=spoof)["result"] == "FailedOperation.LivessDetectFake"


def test_a_wrong_key_arrives_as_the_clients_own_exception(python_client: Client) -> None:
    said = python_client(do="faceid", key="notTheKey")
    assert said["error"] == "AuthFailure.SignatureFailure"
    assert said["request_id"]


def test_an_object_put_is_found_read_and_deleted(python_client: Client) -> None:
    said = python_client(do="cos")
    assert said == {"etag": f'"{MD5_OF_BODY}"', "length": "11", "body": "from python", "left": False}


def test_cos_refuses_a_wrong_key(python_client: Client) -> None:
    assert python_client(do="cos", key="notTheKey") == {"error": "SignatureDoesNotMatch"}
