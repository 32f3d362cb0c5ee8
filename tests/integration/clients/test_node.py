"""The published Node clients, unmodified. Their FaceID client signs the host without its port."""

from hashlib import md5

import pytest

from tests.integration.clients.conftest import Client

TC3 = "TC3-HMAC-SHA256"
MD5_OF_BODY = md5(b"from node", usedforsecurity=False).hexdigest()


def test_upload_by_link_then_detect(node_client: Client) -> None:
    said = node_client(do="faceid", scheme=TC3)
    assert (said["result"], said["sim"], said["frame"]) == ("Success", 96.3, True)


def test_a_spoof_arrives_as_the_clients_own_result(node_client: Client, spoof: str) -> None:
    assert node_client(do="faceid", scheme=TC3, live=spoof)["result"] == "FailedOperation.LivessDetectFake"


def test_a_wrong_key_arrives_as_the_clients_own_exception(node_client: Client) -> None:
    said = node_client(do="faceid", scheme=TC3, key="notTheKey")
    assert said["error"] == "AuthFailure.SignatureFailure"
    assert said["request_id"]


def test_its_default_signature_v1_is_not_spoken_and_the_refusal_is_understood(node_client: Client) -> None:
    """Unlike the Python client it signs TC3 only when told to."""
    assert node_client(do="faceid")["error"] == "AuthFailure.InvalidAuthorization"


@pytest.mark.parametrize("way", ["ip", "path"])
def test_an_object_put_is_found_read_and_deleted(node_client: Client, way: str) -> None:
    said = node_client(do="cos", way=way)
    linked = "from node" if way == "path" else None
    assert said == {"etag": f'"{MD5_OF_BODY}"', "length": "9", "body": "from node", "linked": linked, "left": False}


def test_cos_refuses_a_wrong_key(node_client: Client) -> None:
    assert node_client(do="cos", way="ip", key="notTheKey") == {"error": "SignatureDoesNotMatch"}
