"""Programs that somebody else wrote for a vendor, unmodified, against the sandbox. What is asked: questions.py."""

import pytest

from tests.integration.clients.clients import Client
from tests.integration.clients.orders import Target
from tests.integration.clients.questions import CASES, Question, ask_and_check


@pytest.mark.parametrize(("client", "question"), CASES)
def test_an_unmodified_client_gets_the_right_answer(client: Client, question: Question, target: Target) -> None:
    ask_and_check(client, question, target)
