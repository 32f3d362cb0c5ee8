"""Debian's Chromium without a window, driven over its DevTools protocol: what a person would see, press and read.

Source: https://chromedevtools.github.io/devtools-protocol/, its stable domains Page, Runtime, Input and Emulation, and
Log for what the console shows. The websocket is aiohttp's, which the sandbox needs anyway.
"""

import asyncio
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

CHROMIUM = shutil.which("chromium")
ABSENT = "chromium is not installed (Debian: apt-get install chromium)"
WIDE = (1440, 900)
TOP_ROW = "#list li:first-child button"
WITHIN_S = 60  # of two busy cores
LARGEST_BYTES = 64 << 20
FLAGS = (
    "--headless=new", "--remote-debugging-port=0", "--no-first-run", "--disable-dev-shm-usage", "--disable-gpu",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server",
    "--hide-scrollbars", "--lang=en-GB", "--force-color-profile=srgb",
)  # fmt: skip
KEYS = {"Enter": "\r", "Tab": "", "Escape": "", "ArrowDown": "", "ArrowUp": "", "/": "/"}
CODES = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "/": 191}
SHOUTS = {"Runtime.exceptionThrown", "Log.entryAdded"}


class Page:
    """One tab; every call waits for its answer."""

    def __init__(self, loop: asyncio.AbstractEventLoop, socket: ClientWebSocketResponse) -> None:
        self._loop, self._socket, self._ids = loop, socket, count(1)
        self._shouts: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        return self._loop.run_until_complete(asyncio.wait_for(self._call(method, parameters), WITHIN_S))

    async def _call(self, method: str, parameters: dict[str, Any]) -> Any:
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while (said := json.loads((await self._socket.receive()).data)).get("id") != number:
            self._hear(said)
        assert "error" not in said, (method, said["error"])
        return said["result"]

    def _hear(self, said: dict[str, Any]) -> None:
        called = said.get("method") == "Runtime.consoleAPICalled" and said["params"]["type"] in ("error", "warning")
        if called or said.get("method") in SHOUTS:
            self._shouts.append(json.dumps(said["params"]))

    def shouts(self) -> list[str]:
        """Every error and warning of the console so far, and what the browser refused; heard since the last look."""
        self.run("0")
        heard, self._shouts = self._shouts, []
        return heard

    def run(self, script: str) -> Any:
        """The value of an expression."""
        said = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def until(self, script: str) -> Any:
        """The value of an expression once it is true."""
        ends = time.monotonic() + WITHIN_S
        while not (value := self.run(script)):
            assert time.monotonic() < ends, f"not within {WITHIN_S} s: {script}\n{self.text('body')}"
            time.sleep(0.05)
        return value

    def go(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        self.until(f"document.readyState === 'complete' && location.href.startsWith({json.dumps(url)})")

    def text(self, selector: str) -> str:
        """As it is shown; empty where nothing is."""
        found: str = self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")
        return found

    def shows(self, selector: str, text: str) -> None:
        """Waits until it does."""
        self.until(f"(document.querySelector({json.dumps(selector)})?.innerText ?? '').includes({json.dumps(text)})")

    def focus(self, selector: str) -> None:
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")

    def focused(self) -> str:
        found: str = self.run("document.activeElement.id || document.activeElement.tagName")
        return found

    def press(self, key: str) -> None:
        named = {"key": key, "code": key, "windowsVirtualKeyCode": CODES[key]}
        self.call("Input.dispatchKeyEvent", type="keyDown", **named, **({"text": KEYS[key]} if KEYS[key] else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **named)

    def write(self, text: str) -> None:
        for letter in text:
            self.call("Input.dispatchKeyEvent", type="char", text=letter)

    def size(self, width: int, height: int, scale: float = 1, dark: bool = False) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self) -> bytes:
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])


@contextmanager
def open_page() -> Iterator[Page]:
    """A tab of a browser of its own, which ends with the block and leaves nothing behind."""
    loop = asyncio.new_event_loop()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, _chromium(Path(folder)) as address:
        session, socket = loop.run_until_complete(_connect(address))
        try:
            yield Page(loop, socket)
        finally:
            loop.run_until_complete(_close(session, socket))
            loop.close()


@contextmanager
def _chromium(folder: Path) -> Iterator[str]:
    """Where its protocol is spoken."""
    assert CHROMIUM, ABSENT
    root = ["--no-sandbox"] if os.geteuid() == 0 else []  # as root it has no sandbox of its own to offer
    command = [CHROMIUM, *FLAGS, *root, f"--user-data-dir={folder}", "about:blank"]
    environment = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _address(folder / "DevToolsActivePort")
    finally:
        process.terminate()
        process.wait(WITHIN_S)


def _address(file: Path) -> str:
    ends = time.monotonic() + WITHIN_S
    while not file.exists() or file.read_text().count("\n") < 1:
        assert time.monotonic() < ends, "chromium did not start"
        time.sleep(0.05)
    return f"http://127.0.0.1:{file.read_text().splitlines()[0]}"


async def _connect(address: str) -> tuple[ClientSession, ClientWebSocketResponse]:
    session = ClientSession()
    async with session.get(f"{address}/json/list") as answer:
        tab = next(each for each in await answer.json(content_type=None) if each["type"] == "page")
    return session, await session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=LARGEST_BYTES)


async def _close(session: ClientSession, socket: ClientWebSocketResponse) -> None:
    await socket.close()
    await session.close()
    await asyncio.sleep(0)


def opened(page: Page, selector: str = TOP_ROW) -> None:
    """Press a row of the inbox, and wait for its message."""
    number = page.until(f"document.querySelector({json.dumps(selector)})?.dataset.number")
    page.run(f"document.querySelector({json.dumps(selector)}).click()")
    page.shows("#detail-title", f"#{number}")
