"""The inbox's page in Debian's Chromium: what a person sees of real, signed messages, and of hostile ones."""

import json
from pathlib import Path
from urllib.parse import quote

from browser import TOP_ROW, Page, opened
from deliveries import OTHER_SECRET, deliver, event, messages, signed
from sandbox_kit import http, make_settings, spawn, start_sandbox, wait_until_ready

MARKUP = '<img src=x onerror="window.broken=1"><script>window.broken=1</script></pre>'


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
    page.shows(TOP_ROW, "attempt 2")
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
