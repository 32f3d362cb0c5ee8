"""The vendors' Python clients, as somebody else's program would use them. Runs in a virtual environment of its own.

Reads one JSON order from standard input and writes what happened as JSON; test_python.py decides what is right.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import requests
from qcloud_cos import CosConfig, CosS3Client, CosServiceError
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.faceid.v20180301.faceid_client import FaceidClient
from tencentcloud.faceid.v20180301.models import CreateUploadUrlRequest, DetectReflectLivenessAndCompareRequest


def faceid(order: dict[str, Any]) -> dict[str, Any]:
    """Upload both objects through the vendor's links, then ask."""
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=order["faceid"], reqTimeout=10))
    client = FaceidClient(Credential(order["id"], order["key"]), order["region"], profile)
    question = DetectReflectLivenessAndCompareRequest()
    try:
        question.LiveDataUrl, question.LiveDataMd5 = upload(client, Path(order["live"]).read_bytes())
        question.ImageUrl, question.ImageMd5 = upload(client, Path(order["photo"]).read_bytes())
        answer = client.DetectReflectLivenessAndCompare(question)
    except TencentCloudSDKException as error:
        return {"error": error.get_code(), "request_id": error.get_request_id()}
    frame = requests.get(answer.BestFrameUrl, timeout=10).content if answer.BestFrameUrl else b""
    frame_is_whole = hashlib.md5(frame, usedforsecurity=False).hexdigest() == answer.BestFrameMd5
    return {"result": answer.Result, "sim": answer.Sim, "request_id": answer.RequestId, "frame": frame_is_whole}


def upload(client: Any, content: bytes) -> tuple[str, str]:
    request = CreateUploadUrlRequest()
    request.TargetAction = "DetectReflectLivenessAndCompare"
    link = client.CreateUploadUrl(request)
    requests.put(link.UploadUrl, data=content, timeout=10).raise_for_status()
    return link.ResourceUrl, hashlib.md5(content, usedforsecurity=False).hexdigest()


def cos(order: dict[str, Any]) -> dict[str, Any]:
    """Put, head, get, delete, and a pre-signed link, with the address of this machine behind the bucket's own name."""
    config = CosConfig(Region=order["region"], SecretId=order["id"], SecretKey=order["key"], Scheme="http")
    config.set_ip_port("127.0.0.1", order["cos_port"])
    client, where = CosS3Client(config, retry=0), {"Bucket": order["bucket"], "Key": "clients/python object.bin"}
    try:
        put = client.put_object(Body=b"from python", EnableMD5=True, **where)
        length = client.head_object(**where)["Content-Length"]
        body = client.get_object(**where)["Body"].get_raw_stream().read().decode()
        client.delete_object(**where)
        return {"etag": put["ETag"], "length": length, "body": body, "left": client.object_exists(**where)}
    except CosServiceError as error:
        return {"error": error.get_error_code()}


if __name__ == "__main__":
    told = json.load(sys.stdin)
    json.dump({"faceid": faceid, "cos": cos}[told["do"]](told), sys.stdout)
