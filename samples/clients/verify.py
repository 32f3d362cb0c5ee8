import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import requests

url, api = os.environ["FACEGATE_URL"] + "/v1/verifications", requests.Session()
api.headers["Authorization"] = "Bearer " + os.environ["FACEGATE_API_KEY"]
consent = {"notice_version": "2026-10", "accepted_at": datetime.now(UTC).isoformat()}
opened = api.post(url, json={"kind": "liveness_compare", "consent": consent}, timeout=30).json()
for slot, file in (("live_data", os.environ["LIVE"]), ("photo", os.environ["PHOTO"])):
    link = opened["uploads"][slot]  # straight to COS: the API key does not go along
    requests.put(link["url"], headers=link["headers"], data=Path(file).read_bytes(), timeout=60).raise_for_status()
seen = api.post(f"{url}/{opened['id']}/submit", json={}, timeout=30).json()
while seen["status"] == "processing":
    time.sleep(1)
    seen = api.get(f"{url}/{opened['id']}", timeout=30).json()
sys.stdout.write(f"{seen['status']} {seen['result']}\n")
