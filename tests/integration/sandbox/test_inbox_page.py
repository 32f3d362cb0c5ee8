"""The inbox's page in Debian's Chromium: what a person sees of real, signed messages, and can do with keys alone."""

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from browser import ABSENT, CHROMIUM, Page, open_page
from deliveries import OTHER_SECRET, SECRET, deliver, event, messages, signed
from PIL import Image
from sandbox_kit import REPO, http, make_settings, spawn, start_sandbox, wait_until_ready

pytestmark = pytest.mark.skipif(not CHROMIUM, reason=ABSENT)
WIDE, PHONE = (1440, 900), (360, 740)
TOP = "#list li:first-child button"
MARKUP = '<img src=x onerror="window.broken=1"><script>window.broken=1</script></pre>'
UNNAMED = """[...document.querySelectorAll("button, input, select, a, [tabindex]")].filter(each =>
    each.checkVisibility() && !each.ariaLabel && !each.innerText?.trim() && !each.labels?.length).length"""
FIRST, SECOND = "ver_01M80V9RVGH5H9RPFAK40Q2K7G", "ver_01M80W1E6C4T8YD2N5ZQ7KXJ3B"
STORY = (
    (FIRST, "requires_input", 1), (SECOND, "processing", 2), (SECOND, "errored", 3), (FIRST, "processing", 2),
    (SECOND, "rejected", 4),
)  # fmt: skip
LAST = event(FIRST, "verified", 3)
LARGEST_PICTURE = 200_000
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with open_page() as page:
        yield page


@pytest.fixture
def page(browser: Page, inbox: str) -> Iterator[Page]:
    """The inbox's page, empty and in English; whatever its console says is a failure."""
    browser.size(*WIDE)
    browser.go("about:blank")
    browser.shouts()
    browser.go(f"{inbox}/")
    browser.run("localStorage.clear()")
    browser.go(f"{inbox}/")
    browser.shows("#line", "live")
    yield browser
    assert browser.shouts() == []


def opened(page: Page, selector: str = TOP) -> None:
    """Press a row, and wait for its message."""
    number = page.until(f"document.querySelector({json.dumps(selector)})?.dataset.number")
    page.run(f"document.querySelector({json.dumps(selector)}).click()")
    page.shows("#detail-title", f"#{number}")


def event_id(verification: str, sequence: int) -> str:
    return f"evt_{verification.removeprefix('ver_')}_{sequence}"


def rows(page: Page) -> int:
    count: int = page.run(
        "[...document.querySelectorAll('#list button')].filter(each => each.checkVisibility()).length"
    )
    return count


def test_an_empty_inbox_says_what_to_do_and_where(page: Page, inbox: str) -> None:
    page.shows("#detail", "Nothing has arrived yet")
    assert f"{inbox}/hooks/" in page.text("#detail")


def test_messages_appear_as_they_arrive_without_reloading(page: Page, inbox: str) -> None:
    page.run("window.sameDocument = true")
    deliver(inbox, event("ver_A", "processing", 2), "evt_A_2", "shop")
    page.shows("#list", "processing")
    deliver(inbox, event("ver_A", "rejected", 3), "evt_A_3", "shop", secret=OTHER_SECRET)
    page.shows("#list", "rejected")

    first, second = page.run("[...document.querySelectorAll('#list button')].map(each => each.innerText)")
    assert all(word in first for word in ("rejected", "ver_A", "signature failed", "shop", "attempt 1", "answered 204"))
    assert all(word in second for word in ("processing", "signature verified"))
    page.shows("#said", "New: rejected, ver_A, signature failed")  # for a screen reader
    assert page.run("window.sameDocument") is True


def test_one_message_is_shown_whole(page: Page, inbox: str) -> None:
    http("POST", f"{inbox}/behaviour", {"status": 503, "times": 1, "delay_s": 0})
    body = event("ver_B", "verified", 4, reference="张三 & co")
    for _ in range(2):
        deliver(inbox, body, "evt_B_4")
    page.shows(TOP, "attempt 2")
    opened(page)

    assert page.text(".facts").split("\n")[:6] == [
        "Signature",
        "✓ signature verified",
        "Answered",
        "204",
        "Attempt",
        "2",
    ]
    assert json.loads(page.text(".json")) == json.loads(body)
    assert page.text(".bytes").startswith("0000  7b 22 69 64 22 3a")
    assert f"{len(body.encode())} bytes" in page.text(".contents")
    assert page.text("tr.ours:last-of-type td") == messages(inbox)[1]["headers"]["webhook-timestamp"]
    assert next(line for line in page.text(".timeline").split("\n") if "answered" in line).endswith("answered 503")


def test_a_failed_signature_says_why(page: Page, inbox: str) -> None:
    deliver(inbox, event(), secret=OTHER_SECRET)
    opened(page)
    page.shows(".why", "another key, or changed bytes")
    assert "No matching signature found" in page.text(".why code")


def test_hostile_names_headers_and_bodies_stay_text(page: Page, inbox: str) -> None:
    bodies = [
        MARKUP,
        json.dumps({"type": MARKUP, "data": {"verification": {"id": MARKUP, "sequence": 1}, MARKUP: MARKUP}}),
        json.dumps({"type": "__proto__", "__proto__": {"x": 1}, "data": {"verification": {"id": "constructor"}}}),
    ]
    for body in bodies:
        headers = {**signed(body, MARKUP), "x-hostile": MARKUP, "__proto__": "1", "user-agent": MARKUP}
        http("POST", f"{inbox}/hooks/{quote(MARKUP, safe='')}", body.encode(), headers)
    page.until("document.querySelectorAll('#list li').length === 3")
    for kept in messages(inbox):
        opened(page, f"#list button[data-number='{kept['number']}']")
        page.run("document.getElementById('resend').click()")
        page.shows("#once-said", "Resent as #")
        assert MARKUP in page.text("table")
        assert MARKUP in page.text(".facts")

    assert page.run("typeof window.broken") == "undefined"
    assert page.run("document.querySelectorAll('script, img').length") == 2, "the page's own script and picture"


def test_even_markup_that_a_slip_let_in_would_not_run(browser: Page, inbox: str) -> None:
    """The policy, not the care of the script: the browser itself refuses, and says so."""
    browser.go(f"{inbox}/")
    browser.shows("#line", "live")
    browser.run("""(() => { try { document.body.innerHTML = '<b id="slip">'; } catch {} })()""")
    browser.run("""(() => { const s = document.createElement("script"); s.append("window.slip = 1");
                            try { document.body.append(s); } catch {} })()""")
    assert browser.run("[typeof window.slip, document.getElementById('slip')]") == ["undefined", None]
    assert any("Content Security Policy" in said or "TrustedHTML" in said for said in browser.shouts())


def test_a_message_is_chosen_and_resent_with_keys_alone(page: Page, inbox: str) -> None:
    for sequence in (1, 2):
        deliver(inbox, event("ver_K", "processing", sequence), f"evt_K_{sequence}")
    page.until("document.querySelectorAll('#list li').length === 2")
    page.press("/")
    assert page.focused() == "filter-text"
    for _ in range(2):
        page.press("Tab")
    page.press("ArrowDown")
    page.press("Enter")
    page.until("document.activeElement.id === 'detail-title'")
    page.press("Tab")
    assert page.focused() == "resend"
    page.press("Enter")
    page.shows("#once-said", "Resent as #")

    assert page.focused() == "resend"
    assert [(kept["id"], kept["attempt"]) for kept in messages(inbox)] == [
        ("evt_K_1", 1),
        ("evt_K_2", 1),
        ("evt_K_1", 2),
    ]
    page.shows(".timeline", "attempt 2")
    page.shows(TOP, "repeat")
    page.press("Escape")
    page.until("document.activeElement.matches('#list li:nth-child(3) button')")


def test_the_other_language_is_a_button_and_is_remembered(page: Page, inbox: str) -> None:
    deliver(inbox, event("ver_L", "requires_review"))
    opened(page)
    page.focus("#language")
    page.press("Enter")
    page.shows("#detail", "需要人工审核")

    assert (page.run("document.documentElement.lang"), page.run("document.title")) == ("zh", "Webhook 收件箱")
    assert page.focused() == "language"
    page.go(f"{inbox}/")
    page.shows("#list", "验签通过")
    page.run("document.getElementById('language').click()")
    page.shows("#list", "signature verified")


def test_a_phone_shows_the_list_or_one_of_it_and_never_scrolls_sideways(page: Page, inbox: str) -> None:
    page.size(*PHONE)
    deliver(inbox, event("ver_" + "W" * 300, "verified", reference="x" * 500), "evt_" + "W" * 300, "h" * 200)
    for language in ("en", "zh"):
        page.shows("#list", "WWW")
        page.run("document.getElementById('tools-button').click()")
        assert fits(page)
        assert not page.run("document.getElementById('detail').checkVisibility()")
        page.run(f"document.querySelector({json.dumps(TOP)}).click()")
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


def test_the_filter_hides_what_does_not_fit_also_among_new_ones(page: Page, inbox: str) -> None:
    deliver(inbox, event("ver_one", "verified"), "evt_1")
    deliver(inbox, event("ver_two", "rejected"), "evt_2", secret=OTHER_SECRET)
    page.until("document.querySelectorAll('#list li').length === 2")
    page.press("/")
    page.write("REJECTED two")
    assert rows(page) == 1
    deliver(inbox, event("ver_three", "verified"), "evt_3")
    page.shows("#line", "3 messages")
    assert rows(page) == 1
    page.write(" nothing")
    page.shows("#no-match", "No message fits")
    page.run("document.getElementById('filter-text').value = ''")
    page.run("(each => { each.value = 'failed'; each.dispatchEvent(new Event('input', {bubbles: true})); })"
             "(document.getElementById('filter-signature'))")  # fmt: skip
    assert rows(page) == 1


def test_the_next_answers_are_chosen_and_everything_cleared_on_the_page(page: Page, inbox: str) -> None:
    page.focus("#tools-button")
    page.press("Enter")
    page.focus("#behaviour [name=status]")
    page.run("document.querySelector('#behaviour [name=status]').select()")
    page.write("429")
    page.press("Enter")
    page.shows("#behaviour-now", "2 more will be answered 429 after 0 s")
    assert [deliver(inbox, event()) for _ in range(3)] == [429, 429, 204]
    page.shows("#behaviour-now", "Every delivery is answered 204")
    page.run("document.getElementById('clear').click()")
    page.shows("#detail", "Nothing has arrived yet")
    assert messages(inbox) == []


def test_a_secret_is_added_on_the_page_and_never_shown_again(browser: Page, fresh: str) -> None:
    browser.go(f"{fresh}/")
    browser.shows("#line", "live")
    deliver(fresh, event(), "evt_1")
    opened(browser)
    browser.shows(".why", "No secret was known")
    browser.run("document.getElementById('tools-button').click()")
    browser.focus("[name=secret]")
    browser.write(SECRET)
    browser.press("Enter")
    browser.shows("#secret-now", "1 known")
    deliver(fresh, event(), "evt_2")
    browser.shows(TOP, "signature verified")
    assert browser.run("document.querySelector('[name=secret]').value") == ""
    assert SECRET not in browser.run("document.documentElement.outerHTML")
    assert browser.shouts() == []


def test_the_page_finds_back_after_the_connection_dropped(browser: Page, tmp_path: Path) -> None:
    with start_sandbox(tmp_path) as sandbox:
        deliver(sandbox.inbox, event("ver_before"))
        browser.go(f"{sandbox.inbox}/")
        browser.shows("#list", "ver_before")
        settings = sandbox.settings
    browser.shows("#line", "connection lost")
    process = spawn(tmp_path, make_settings(tmp_path, **settings))
    try:
        wait_until_ready(process)
        browser.shows("#line", "live · 0 messages")
        deliver(sandbox.inbox, event("ver_after"))
        browser.shows("#list", "ver_after")
        assert "ver_before" not in browser.text("#list"), "what is no longer kept is no longer shown"
    finally:
        process.terminate()
        process.communicate(timeout=10)
    browser.go("about:blank")
    assert all("net::ERR_" in said for said in browser.shouts()), "it says that nobody answered, and nothing else"


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
    assert page.run(UNNAMED) == 0
    assert page.run("getComputedStyle(document.body).backgroundColor") == (
        "rgb(20, 23, 26)" if dark else "rgb(247, 246, 242)"
    )


def test_the_picture_in_the_documents_is_made_here(browser: Page, fresh: str) -> None:
    """INBOX_PICTURE=docs/inbox.png writes it; that it can be made, and is small, is seen at any time."""
    http("POST", f"{fresh}/secrets", {"secret": SECRET})
    for verification, state, sequence in STORY:
        secret = OTHER_SECRET if state == "errored" else SECRET
        deliver(fresh, event(verification, state, sequence), event_id(verification, sequence), "my-app", secret=secret)
    http("POST", f"{fresh}/behaviour", {"status": 503, "times": 1, "delay_s": 0})
    for _ in range(2):
        deliver(fresh, LAST, event_id(FIRST, 3), "my-app")
    browser.size(*WIDE)
    browser.go(f"{fresh}/")
    opened(browser)
    browser.until("document.getAnimations().length === 0")
    made = io.BytesIO()
    Image.open(io.BytesIO(browser.picture())).convert("RGB").quantize(64).save(made, "PNG", optimize=True)

    assert 20_000 < len(made.getvalue()) < LARGEST_PICTURE
    if asked := os.environ.get("INBOX_PICTURE"):
        Path(asked).write_bytes(made.getvalue())
    assert (REPO / "docs" / "inbox.png").stat().st_size < LARGEST_PICTURE
