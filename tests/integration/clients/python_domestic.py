"""The domestic typed FaceID client, as somebody else's program would use it. Reads an order, writes what happened."""

import json
import sys
from typing import Any

from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.faceid.v20180301.faceid_client import FaceidClient
from tencentcloud.faceid.v20180301.models import ImageRecognitionV2Request


def recognise(order: dict[str, Any]) -> dict[str, Any]:
    http = HttpProfile(protocol="http", endpoint=order["host"], reqTimeout=30)
    profile = ClientProfile(httpProfile=http, signMethod=order["scheme"] or "TC3-HMAC-SHA256")
    client = FaceidClient(Credential(order["id"], order["key"]), "ap-guangzhou", profile)
    question = ImageRecognitionV2Request()
    question.IdCard, question.Name, question.ImageBase64 = order["number"], order["name"], order["base64"]
    try:
        answer = client.ImageRecognitionV2(question)
    except TencentCloudSDKException as error:
        return {"code": error.get_code(), "whole": bool(error.get_request_id())}
    return {"code": answer.Result, "similarity": answer.Sim, "whole": bool(answer.RequestId)}


if __name__ == "__main__":
    json.dump(recognise(json.load(sys.stdin)), sys.stdout)
