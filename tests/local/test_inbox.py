"""The local stack introduces itself to the inbox, so that its page can ask for a delivery anew."""

import requests
from deployed import VERIFICATIONS, Deployed, until

from sandbox.webhook_inbox import PORTS


def test_the_inbox_knows_its_facegate_and_asks_it_with_its_own_key(deployed: Deployed) -> None:
    name = deployed.open()["id"]
    deployed.post(name, "cancel")
    number = deployed.told(name, "canceled")["number"]
    answer = requests.post(f"{deployed.home.url('inbox')}/messages/{number}/redeliver", timeout=60)

    assert (answer.status_code, answer.json()["status"]) == (200, 200), answer.text
    again = until(lambda: [one for one in deployed.messages(name) if one["type"] == "verification.canceled"][1:])
    first = deployed.told(name, "canceled")
    assert {one["attempt"] for one in again} == {2} and again[0]["body"] == first["body"]
    assert requests.get(f"{deployed.env['FACEGATE_URL']}{VERIFICATIONS}/{name}", timeout=30).status_code == 401


def test_an_inbox_of_ones_own_can_be_registered_on_each_of_its_ports(own: Deployed) -> None:
    for port in (PORTS[0], PORTS[-1]):
        url = f"http://127.0.0.1:{port}/hooks/mine"
        assert own.api.call("POST", "/v1/webhook_endpoints", {"url": url})["url"] == url
