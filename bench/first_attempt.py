"""How long after its commit an event is tried for the first time, on the local stack: `python -m bench.first_attempt`.

From the time inside the event, which the state change wrote, to its arrival at the inbox: outbox, queue, fan-out and
try. The queues and the functions are MiniStack's. The very first, on a stack that has just started and whose functions
are all cold, is told by itself; the few after it are left out.
"""

import json
import statistics
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local import stack
from local.home import REPO, Home, free_first_port

sys.path.insert(0, str(REPO / "tests" / "local"))
from deployed import VERIFICATIONS, Deployed, until

WARM_UP, CHANGES = 10, 100
MOST_S = 2.0


def main() -> int:
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), free_first_port())
        try:
            stack.up(home, Console(quiet=True), SweepRate="rate(1 day)")
            own = Deployed(home).as_tenant("tenant_bench")
            own.add_endpoint("bench")
            cold, *delays = [first_attempt_s(own) for _ in range(WARM_UP + CHANGES)]
        finally:
            stack.down(home)
    warm = delays[WARM_UP - 1 :]
    cuts = statistics.quantiles(warm, n=20)
    table = Table("first attempt after the commit", "median", f"p95 (below {MOST_S:.0f} s)", "most")
    table.add_row(f"{CHANGES} changes", *(f"{value:.2f} s" for value in (cuts[9], cuts[18], max(warm))))
    table.add_row("the first of a stack just started", f"{cold:.2f} s")
    console.print(table)
    return int(cuts[18] >= MOST_S)


def first_attempt_s(own: Deployed) -> float:
    name = own.open()["id"]
    own.api.call("POST", f"{VERIFICATIONS}/{name}/cancel")
    [message] = until(lambda: own.messages(name))
    happened = datetime.fromisoformat(json.loads(message["body"])["timestamp"])
    return (datetime.fromisoformat(message["at"]) - happened).total_seconds()


if __name__ == "__main__":
    sys.exit(main())
