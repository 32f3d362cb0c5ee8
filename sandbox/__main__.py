"""The command line: runs the three ports or the inbox alone, and says in one line what is wrong if it cannot."""

import argparse
import asyncio
import sys
from pathlib import Path

from sandbox import app, webhook_inbox
from sandbox.settings import Unusable, load


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="The vendors, COS and a webhook inbox.")
    one = parser.add_mutually_exclusive_group(required=True)
    one.add_argument("--settings", type=Path, metavar="FILE", help="all of it; JSON, see settings.py")
    one.add_argument("--inbox", type=int, metavar="PORT", help="the webhook inbox alone")
    asked = parser.parse_args()
    try:
        asyncio.run(webhook_inbox.run(asked.inbox) if asked.settings is None else app.run(load(asked.settings)))
    except Unusable as unusable:
        sys.stderr.write(f"sandbox: {unusable}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
