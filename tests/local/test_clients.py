"""The three clients of the README, as they are, against the deployed template."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from deployed import Deployed

from local.home import REPO

CLIENTS = REPO / "samples" / "clients"
PROGRAMS = {"verify.sh": "sh", "verify.py": sys.executable, "verify.mjs": "node"}
LONGEST_S = 90


def run(client: str, own: Deployed, photo: Path, live: Path) -> str:
    program = shutil.which(PROGRAMS[client])
    if program is None or (client == "verify.sh" and shutil.which("curl") is None):
        pytest.skip(f"{PROGRAMS[client] if program is None else 'curl'} is not installed here")
    environment = {
        "PATH": os.environ["PATH"], "NO_PROXY": "*", "PHOTO": str(photo), "LIVE": str(live),
        "FACEGATE_URL": own.env["FACEGATE_URL"], "FACEGATE_API_KEY": own.api.session.headers["authorization"][7:],
    }  # fmt: skip
    done = subprocess.run(
        [program, str(CLIENTS / client)], env=environment, capture_output=True, text=True, timeout=LONGEST_S
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("client", PROGRAMS)
def test_a_client_of_the_readme_ends_with_a_verified_person(own: Deployed, client: str) -> None:
    said = run(client, own, REPO / "samples" / "collins.jpg", REPO / "samples" / "live_data.bin")

    assert "verified" in said and "96.3" in said
    (seen,) = own.api.call("GET", "/v1/verifications")["data"]
    assert seen["status"] == "verified" and len(seen["attempts"]) == 1


@pytest.mark.parametrize("client", PROGRAMS)
def test_a_client_of_the_readme_says_so_when_the_photo_is_none(own: Deployed, client: str, tmp_path: Path) -> None:
    gif = tmp_path / "photo.gif"
    gif.write_bytes(b"GIF89a" + bytes(200))

    assert "requires_input" in run(client, own, gif, REPO / "samples" / "live_data.bin")
    (seen,) = own.api.call("GET", "/v1/verifications")["data"]
    assert seen["slots"]["photo"]["problem"] == "photo_not_jpeg_or_png" and seen["attempts"] == []
