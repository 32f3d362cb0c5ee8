"""The command line: reads the settings, runs the three ports, and says in one line what is wrong if it cannot."""

import argparse
import asyncio
import sys
from pathlib import Path

from sandbox import app
from sandbox.settings import Unusable, load


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="The vendors, COS and a webhook inbox.")
    parser.add_argument("--settings", type=Path, required=True, metavar="FILE", help="JSON, see settings.py")
    try:
        asyncio.run(app.run(load(parser.parse_args().settings)))
    except Unusable as unusable:
        sys.stderr.write(f"sandbox: {unusable}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
