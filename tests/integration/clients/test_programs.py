"""The printed programs are as their pages print them, and what the tests fill in is all that changes."""

from hashlib import sha256

import pytest

from facegate.signing import Keys
from tests.integration.clients.orders import Order, Target
from tests.integration.clients.printed import FORMS, PAGE_BLANK, PROGRAMS, VENDORS, filled

AS_PRINTED = {
    "kuaidi100/sample.php": "cefb891f77edf82544835ab2d6a0fa822edc9ea8e60d49dc813191d6bfd4cf2a",
    "kuaidi100/sample.py": "615f2f2d96c466883507c7d0b73a74f6be29e1b302eb1318b646868946058fc2",
    "yunjian/sample.go": "866ef638b251b1bb31cf27e9a7bcc1b878dbc5f2520a282517b5a317410ed01e",
    "yunjian/sample.js": "7dbabc1e3a9a2aa738ceeace2f25ce04e5e76472b1cead2111d347af9d91e095",
    "yunjian/sample.php": "80e14e44f11191ece0717f76d8f6eb2960ea271db0375f1c09c1c2cc8ab108ed",
    "yunjian/sample.py": "955ef359635509039e3cb7da85182b72cbb01673aca61f8e3cb83663c3240281",
}
FILLED_IN = {"yunjian": 6, "kuaidi100": 11}  # the URL, two keys and the fields; Kuaidi100's secret_code stays


def test_every_printed_program_is_run() -> None:
    assert FORMS.keys() == AS_PRINTED.keys()


@pytest.mark.parametrize("program", AS_PRINTED)
def test_a_program_is_byte_for_byte_what_the_page_prints(program: str) -> None:
    assert sha256((PROGRAMS / program).read_bytes()).hexdigest() == AS_PRINTED[program]


@pytest.mark.parametrize("program", FORMS)
def test_filling_a_program_in_changes_only_the_lines_with_a_blank(program: str) -> None:
    vendor, text = program.split("/")[0], (PROGRAMS / program).read_text("utf-8")
    order = Order(Target("nobody", "http://127.0.0.1:1", {}, bytes.hex), Keys("an id", "a key"), "a number")
    before = text.replace(PAGE_BLANK, " ").split("\n")
    after = filled(text, VENDORS[vendor].blanks(FORMS[program], order)).split("\n")
    changed = [one for one, other in zip(before, after, strict=True) if one != other]
    assert len(changed) == FILLED_IN[vendor]
