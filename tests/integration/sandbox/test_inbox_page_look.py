"""The inbox's page in Debian's Chromium: to be read by everybody, light and dark, on a phone; and its picture."""

import io
import json
import os
from pathlib import Path

import pytest
from browser import TOP_ROW, WIDE, Page, opened
from deliveries import OTHER_SECRET, SECRET, deliver, event
from PIL import Image
from sandbox_kit import REPO, http

PHONE = (360, 740)
FIRST = "ver_01M80V9RVGH5H9RPFAK40Q2K7G"
SECOND = "ver_01M80W1E6C4T8YD2N5ZQ7KXJ3B"
STORY = (
    (FIRST, "requires_input", 1), (SECOND, "processing", 2), (SECOND, "errored", 3), (FIRST, "processing", 2),
    (SECOND, "rejected", 4),
)  # fmt: skip
LAST = event(FIRST, "verified", 3)
LARGEST_PICTURE = 200_000
UNNAMED = """[...document.querySelectorAll("button, input, select, a, [tabindex]")].filter(each =>
    each.checkVisibility() && !each.ariaLabel && !each.labels?.length
    && (each.matches("input, select") || !each.innerText.trim())).map(each => each.outerHTML)"""
PALE = """(() => {
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => numbers(colour).slice(0, 3).map(each => each / 255)
    .map(each => each <= .04045 ? each / 12.92 : ((each + .055) / 1.055) ** 2.4)
    .reduce((sum, each, at) => sum + each * [.2126, .7152, .0722][at], 0);
  const clear = colour => numbers(colour)[3] === 0;
  const ground = each => { while (clear(getComputedStyle(each).backgroundColor)) each = each.parentElement;
                           return getComputedStyle(each).backgroundColor; };
  const contrast = each => { const [a, b] = [light(getComputedStyle(each).color), light(ground(each))];
                             return (Math.max(a, b) + .05) / (Math.min(a, b) + .05); };
  const says = each => [...each.childNodes].some(inside => inside.nodeType === 3 && inside.data.trim());
  const shown = [...document.body.querySelectorAll("*")].filter(each => each.checkVisibility() && says(each));
  return [shown.length, ...shown.filter(each => contrast(each) < 4.5).map(each => each.innerText)];
})()"""


def event_id(verification: str, sequence: int) -> str:
    return f"evt_{verification.removeprefix('ver_')}_{sequence}"


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_and_every_control_has_a_name(page: Page, inbox: str, dark: bool) -> None:
    page.size(*WIDE, dark=dark)
    states = ("verified", "rejected", "requires_review", "processing", "expired")
    for sequence, state in enumerate(states, 1):
        secret = SECRET if sequence % 2 else OTHER_SECRET
        deliver(inbox, event("ver_C", state, sequence), f"evt_C_{sequence}", secret=secret)
    page.run("document.getElementById('tools-button').click()")
    page.until("document.querySelectorAll('#list li').length === 5")
    opened(page, "#list li:nth-child(2) button")
    page.run("document.getElementById('resend').click()")
    page.shows("#once-said", "Resent")
    page.until("document.getAnimations().length === 0")

    looked_at, *pale = page.run(PALE)
    assert (looked_at > 60, pale) == (True, [])
    assert page.run(UNNAMED) == []
    assert page.run("getComputedStyle(document.body).backgroundColor") == (
        "rgb(20, 23, 26)" if dark else "rgb(247, 246, 242)"
    )


def test_a_phone_shows_the_list_or_one_of_it_and_never_scrolls_sideways(page: Page, inbox: str) -> None:
    page.size(*PHONE)
    deliver(inbox, event("ver_" + "W" * 300, "verified", reference="x" * 500), "evt_" + "W" * 300, "h" * 200)
    for language in ("en", "zh"):
        page.shows("#list", "WWW")
        page.run("document.getElementById('tools-button').click()")
        assert fits(page)
        assert not page.run("document.getElementById('detail').checkVisibility()")
        page.run(f"document.querySelector({json.dumps(TOP_ROW)}).click()")
        page.until("document.querySelector('.back')?.checkVisibility()")
        assert fits(page)
        assert not page.run("document.querySelector('nav').checkVisibility()")
        page.run("document.querySelector('.back').click()")
        page.run("document.getElementById('language').click()")
        assert page.run("document.documentElement.lang") != language


def fits(page: Page) -> bool:
    """Neither the page nor anything that is not made to be scrolled is wider than the screen."""
    ask = "[document.documentElement, ...document.querySelectorAll('main, nav, #detail, header, #tools, #list')]"
    wide: int = page.run(f"{ask}.filter(each => each.scrollWidth > each.clientWidth).length")
    return wide == 0


def test_the_picture_in_the_documents_is_made_here(browser: Page, fresh: str) -> None:
    """INBOX_PICTURE=docs/inbox.png writes it; that it can be made, and is small, is seen at any time."""
    http("POST", f"{fresh}/secrets", {"secret": SECRET})
    for verification, state, sequence in STORY:
        secret = OTHER_SECRET if state == "errored" else SECRET
        deliver(fresh, event(verification, state, sequence), event_id(verification, sequence), "my-app", secret=secret)
    http("POST", f"{fresh}/facegate", {"url": "http://127.0.0.1:4600", "key": "fg_test_key"})
    http("POST", f"{fresh}/behaviour", {"status": 503, "times": 1, "delay_s": 0})
    for _ in range(2):
        deliver(fresh, LAST, event_id(FIRST, 3), "my-app")
    browser.size(*WIDE)
    browser.go(f"{fresh}/")
    opened(browser)
    browser.until("document.getAnimations().length === 0")
    made = io.BytesIO()
    Image.open(io.BytesIO(browser.picture())).convert("RGB").quantize(256).save(made, "PNG", optimize=True)

    assert 20_000 < len(made.getvalue()) < LARGEST_PICTURE
    if asked := os.environ.get("INBOX_PICTURE"):
        Path(asked).write_bytes(made.getvalue())
    assert (REPO / "docs" / "inbox.png").stat().st_size < LARGEST_PICTURE
