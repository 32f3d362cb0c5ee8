"""The inbox's page in Debian's Chromium: what can be done there, and with keys alone."""

from browser import TOP_ROW, Page, opened
from deliveries import OTHER_SECRET, SECRET, deliver, event, messages


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
    page.shows(TOP_ROW, "repeat")
    page.focus(".timeline button")
    deliver(inbox, event("ver_K", "verified", 3), "evt_K_3")
    page.shows(".timeline", "verified")
    assert page.run("document.activeElement.matches('.timeline li:first-child button')"), "an arrival takes no focus"
    page.press("Escape")
    page.until("document.activeElement.matches('#list li:nth-child(4) button')")


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


def rows(page: Page) -> int:
    count: int = page.run(
        "[...document.querySelectorAll('#list button')].filter(each => each.checkVisibility()).length"
    )
    return count


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
    browser.shows(TOP_ROW, "signature verified")
    assert browser.run("document.querySelector('[name=secret]').value") == ""
    assert SECRET not in browser.run("document.documentElement.outerHTML")
    assert browser.shouts() == []
