"""`make webhook-inbox`: the inbox without the rest, and in words what to do with it."""

from sandbox import inbox
from sandbox.app import Port, serve
from sandbox.settings import Unusable

HOST = "127.0.0.1"
PORTS = range(4610, 4620)  # the stack of `make up` delivers to each of them (local/home.py)
USUAL_PORT = PORTS[0]
MEND = "end what listens there, or choose another: make webhook-inbox INBOX_PORT={another}"
READY = """\
inbox: {url}/  (Ctrl-C ends it; what arrived is forgotten then)

{note}Any path below /hooks/ is a receiver, of bodies up to 1 MiB. To let Facegate know of one, with its address and
your key in the environment (`make up` leaves a stack running; then: set -a; . .local/facegate.env; set +a):

  curl -s "$FACEGATE_URL/v1/webhook_endpoints" -H "Authorization: Bearer $FACEGATE_API_KEY" \\
    -H "Content-Type: application/json" -d '{{"url": "{url}/hooks/mine", "events": ["*"]}}'

The answer shows the secret once. With it the inbox checks signatures, and so says which message is genuine:

  curl -s {url}/secrets -d '{{"secret": "whsec_..."}}'

To see what happens when you fail, here twice with 503:

  curl -s {url}/behaviour -d '{{"status": 503, "times": 2}}'

"""
NOTE = """\
The stack of `make up` delivers to ports {first} to {last} of this machine, and refuses this one.

"""


def ready(port: int) -> str:
    """What is said when it listens."""
    note = "" if port in PORTS else NOTE.format(first=PORTS[0], last=PORTS[-1])
    return READY.format(url=f"http://{HOST}:{port}", note=note)


def another(port: int) -> int:
    """Of those that the stack delivers to."""
    return PORTS[(port + 1) % len(PORTS)]


async def run(port: int) -> None:
    """Until a signal. Raises Unusable."""
    if port not in range(1, 65536):
        raise Unusable(f"{port} is not a port: say a number from 1 to 65535")
    await serve(HOST, [Port(port, inbox.app(), "inbox", MEND.format(another=another(port)))], ready(port))
