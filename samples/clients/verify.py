import os
import time
from pathlib import Path

import requests

url, api = os.environ["FACEGATE_URL"] + "/v1/verifications", requests.Session()
api.headers["Authorization"] = "Bearer " + os.environ["FACEGATE_API_KEY"]
consent = {"notice_version": "2026-10", "accepted_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
opened = api.post(url, json={"kind": "liveness_compare", "consent": consent}, timeout=30).json()
for to, file in (opened["uploads"]["live_data"], "LIVE"), (opened["uploads"]["photo"], "PHOTO"):
    requests.put(to["url"], Path(os.environ[file]).read_bytes(), headers=to["headers"], timeout=60).raise_for_status()
api.post(f"{url}/{opened['id']}/submit", json={}, timeout=30)
while (seen := api.get(f"{url}/{opened['id']}", timeout=30).json())["status"] == "processing":
    time.sleep(1)
print(seen["status"], seen["result"])
