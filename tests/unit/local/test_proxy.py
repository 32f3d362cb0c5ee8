"""One port for everything: what of a request line is the path, and whose it is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.vendors import kuaidi100
from facegate.vendors.served import served
from facegate.vendors.tencent_id import retired
from facegate.wire import HttpRequest
from local import proxy


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("/", "/"), ("", "/"), ("/v1/verifications?limit=5", "/v1/verifications?limit=5"), ("/api/", "/api/"),
        ("http://recognition.image.myqcloud.com/face/idcardcompare", "/face/idcardcompare"),
        ("HTTP://service.image.myqcloud.com:80/face/idcardcompare?a=b", "/face/idcardcompare?a=b"),
        ("https://a.example", "/"), ("http://a.example?x=1", "/?x=1"), ("?x=1", "/?x=1"),
        ("/face/http://a.example/b", "/face/http://a.example/b"), ("/a%2Fb", "/a%2Fb"), ("*", "/*"),
    ],
)  # fmt: skip
def test_a_target_is_path_and_query_whatever_host_the_client_takes_us_for(raw: str, path: str) -> None:
    assert proxy.target(raw) == path


@given(st.text(max_size=80))
def test_every_target_begins_at_the_root(raw: str) -> None:
    """What is put behind an address can never become part of its host."""
    assert proxy.target(raw).startswith("/")


@pytest.mark.parametrize(
    ("path", "dialect"), [("/face/idcardcompare", retired), ("/api", kuaidi100), ("/v1/verifications", None)]
)
def test_no_vendors_path_lies_where_our_own_api_does(path: str, dialect: Any) -> None:
    found = served(HttpRequest("POST", f"https://a.example{path}"))
    assert (found and found.dialect) is dialect
    assert path.startswith(proxy.OURS) is (dialect is None)


def test_what_a_client_may_have_signed_is_sent_on() -> None:
    """Yunjian's older signature is over Date; the host goes on as a copy, since the way needs its own."""
    assert not {"date", "x-date", "authorization", "content-type", "source"} & proxy.NOT_SENT_ON
    assert "host" in proxy.NOT_SENT_ON and proxy.HOST_COPY == "x-facegate-host"
