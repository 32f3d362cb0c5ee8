"""The vendors' international Python clients, as somebody else's program would use them, in an environment of its own.

Reads one JSON order from standard input and writes what happened as JSON; the tests decide what is right.
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
from tencentcloud.faceid.v20180301 import models
from tencentcloud.faceid.v20180301.faceid_client import FaceidClient


def client(order: dict[str, Any]) -> Any:
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=order["host"], reqTimeout=30))
    return FaceidClient(Credential(order["id"], order["key"]), order["region"], profile)


def reflect(order: dict[str, Any]) -> dict[str, Any]:
    """Upload both objects through the vendor's links, then ask."""
    asked, question = client(order), models.DetectReflectLivenessAndCompareRequest()
    question.LiveDataUrl, question.LiveDataMd5 = upload(asked, Path(order["live"]).read_bytes())
    question.ImageUrl, question.ImageMd5 = upload(asked, Path(order["photo"]).read_bytes())
    answer = asked.DetectReflectLivenessAndCompare(question)
    frame = requests.get(answer.BestFrameUrl, timeout=10).content if answer.BestFrameUrl else None
    whole = frame is None or hashlib.md5(frame, usedforsecurity=False).hexdigest() == answer.BestFrameMd5
    passed_has_one = answer.Result != "Success" or frame is not None
    return {"code": answer.Result, "similarity": answer.Sim, "whole": whole and passed_has_one}


def upload(asked: Any, content: bytes) -> tuple[str, str]:
    request = models.CreateUploadUrlRequest()
    request.TargetAction = "DetectReflectLivenessAndCompare"
    link = asked.CreateUploadUrl(request)
    requests.put(link.UploadUrl, data=content, timeout=10).raise_for_status()
    return link.ResourceUrl, hashlib.md5(content, usedforsecurity=False).hexdigest()


def recognise(order: dict[str, Any]) -> dict[str, Any]:
    question = models.ImageRecognitionV2Request()
    question.IdCard, question.Name, question.ImageBase64 = order["number"], order["name"], order["base64"]
    answer = client(order).ImageRecognitionV2(question)
    return {"code": answer.Result, "similarity": answer.Sim, "whole": bool(answer.RequestId)}


def cos(order: dict[str, Any]) -> dict[str, Any]:
    """Put, head, get, delete, and a pre-signed link, with the address of this machine behind the bucket's own name."""
    config = CosConfig(Region=order["region"], SecretId=order["id"], SecretKey=order["key"], Scheme="http")
    config.set_ip_port("127.0.0.1", order["cos_port"])
    stored, where = CosS3Client(config, retry=0), {"Bucket": order["bucket"], "Key": "clients/python object.bin"}
    try:
        put = stored.put_object(Body=b"from python", EnableMD5=True, **where)
        length = stored.head_object(**where)["Content-Length"]
        body = stored.get_object(**where)["Body"].get_raw_stream().read().decode()
        stored.delete_object(**where)
        return {"etag": put["ETag"], "length": length, "body": body, "left": stored.object_exists(**where)}
    except CosServiceError as error:
        return {"error": error.get_error_code()}


def asked_for(order: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"reflect": reflect, "recognise": recognise, "cos": cos}[order["do"]](order)
    except TencentCloudSDKException as error:
        return {"code": error.get_code(), "whole": bool(error.get_request_id())}


if __name__ == "__main__":
    json.dump(asked_for(json.load(sys.stdin)), sys.stdout)
