"""Which links may be called, by their text alone."""

import re
import socket

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3.util import parse_url

from facegate.adapters import links

LOCAL = ("http://127.0.0.1:4603",)


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/", "ftp://a.example/", "file:///etc/passwd", "gopher://a.example", "", "a.example",
        "//a.example",
        "https:a.example", "javascript:x", "HTTP://a.example/", "https://", "https:///x", "https://a.example:22/",
        "https://a.example:80/", "https://a.example:4443/", "https://a.example:0/", "https://a.example:99999/",
        "https://a.example:x/", "https://u@a.example/", "https://u:p@a.example/", "https://:p@a.example/", "https://@a.example/",
        "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/", "https://[::1/", "https://localhost/", "https://intranet/",
        "https://a.example/" + "x" * 2048, "https://0x7f.0.0.1/", "https://0x7F.1/", "https://0177.0.0.1/",
        "https://127.0.0.0x1/", "https://1.2.3.4./", "https://0x.0x/", "https://a.0x7f/", "https://a.1/",
        "https://１２７.0.0.1/", "https://127。0。0。1/", f"https://{'a' * 64}.a.example/",
        f"https://{'a.' * 127}example/",
        "https://a..example/", "https://.a.example/", "https://a.example./", "https://./", "https://../",
        "https://a.exa\x00mple/", "https://a.exa\nmple/", "https://a.exa\tmple/", "https://a.exa\x7fmple/",
        "https://a.exa mple/", "https://a.example\\.b/", "https://a.ex%61mple/", "https://-a.example/", "https://a-.example/",
        "https://a.exam*ple/", "https://a.example/\r\nHost: b.example", "https://a.example/a\rb", "https://a.example/a\nb",
        "https://a.example/a b", "https://a.example/\x00", "https://a.example/\x1b", "https://a.example/\x7f",
        "https://a.example/\x85", "https://a.example/\u2028", "https://a.example/?\t", "https://a.example/#\n",
        " https://a.example/", "https://a.example/ ", "\nhttps://a.example/", "\x01https://a.example/",
        "https://a.example/\ud800", f"https://{'ü' * 60}.a.example/",
    ],
    ids=lambda url: url[:40] or "nothing",
)  # fmt: skip
def test_what_is_never_right_is_refused_before_anything_is_looked_up(url: str) -> None:
    with pytest.raises(links.Forbidden) as raised:
        links.check_url(url)
    assert "a.example" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    ["https://a.example", "https://a.example:443/x", "https://a.example:8443/x?y#z", "https://A.Example/%20%0a",
     "https://0x7f.0.0.example/", "https://1.a.example/", "https://xn--bcher-kva.example/", "https://bücher.example/",
     "https://a.example/路", f"https://{'a' * 63}.example/", "https://a_b.a-b.example/",
     "https://a.b1/"],
)  # fmt: skip
def test_an_honest_address_is_let_through(url: str) -> None:
    links.check_url(url)


def test_an_origin_of_this_machine_is_let_through_where_it_is_named() -> None:
    links.check_url("http://127.0.0.1:4603/inbox?a=b", LOCAL)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:4604/", "https://127.0.0.1:4603/", "http://127.0.0.1/", "http://u@127.0.0.1:4603/",
     "http://127.0.0.1:4603/\r\nx: y", "http://127.0.0.1:46\n03/",
     "http://localhost:4603/", "http://127.0.0.1:4603.evil.example/", "http://127.0.0.2:4603/"],
)  # fmt: skip
def test_and_nothing_that_only_looks_like_it(url: str) -> None:
    with pytest.raises(links.Forbidden):
        links.check_url(url, LOCAL)


@pytest.mark.parametrize(
    "url", ["https://a.example/x", "https://a.example:443/", "http://a.example/x?y", "http://a.example:80/x"]
)
def test_a_photo_behind_a_link_may_come_by_plain_http_from_the_usual_port(url: str) -> None:
    links.check_url(url, allowed=links.ANY_WEB)


@pytest.mark.parametrize(
    "url",
    ["http://a.example:8080/", "http://a.example:443/", "http://a.example:22/", "https://a.example:80/",
     "https://a.example:8443/", "ftp://a.example/", "http://127.0.0.1/", "http://[::1]/", "http://localhost/",
     "http://u:p@a.example/", "http://2130706433/", "http://0x7f.1/", "http://a.example:0/", "http://a.exa\nmple/",
     "http:a.example", "http://", "//a.example/"],
)  # fmt: skip
def test_and_nothing_else_is_let_in_with_it(url: str) -> None:
    with pytest.raises(links.Forbidden):
        links.check_url(url, allowed=links.ANY_WEB)


def test_plain_http_is_for_those_who_ask_for_it_alone() -> None:
    with pytest.raises(links.Forbidden):
        links.check_url("http://a.example/")


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        ("http://127.0.0.0/8:4603", "http://127.9.9.9:4603/x"), ("http://[::1]:4603", "http://[::1]:4603/"),
        ("http://[fd00::]/8:80", "http://[fd00::7]/"), ("https://10.0.0.1", "https://10.0.0.1:443/"),
        ("http://inbox:4603", "http://inbox:4603/"), ("HTTP://Inbox:4603", "http://INBOX:4603/"),
    ],
)  # fmt: skip
def test_a_local_origin_is_a_scheme_a_host_or_a_range_and_a_port(origin: str, url: str) -> None:
    assert links.check_url(url, (origin,)).local


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        ("http://127.0.0.0/8:4603", "http://127.9.9.9:4604/"), ("http://127.0.0.0/8:4603", "https://127.9.9.9:4603/"),
        ("http://127.0.0.0/8:4603", "http://128.0.0.1:4603/"), ("http://127.0.0.0/8:4603", "http://localhost:4603/"),
        ("http://127.0.0.0/8:4603", "http://127.1:4603/"), ("http://127.0.0.0/8:4603", "http://2130706433:4603/"),
        ("http://127.0.0.0/8:4603", "http://[::ffff:127.0.0.1]:4603/"), ("http://127.0.0.1/8:4603", "http://127.0.0.1:4603/"),
        ("http://127.0.0.0/33:4603", "http://127.0.0.1:4603/"), ("http://inbox/8:4603", "http://inbox:4603/"),
        ("http://inbox:4603", "http://u@inbox:4603/"), ("http://inbox:4603", "http://inbox.example:4603/"),
        ("inbox:4603", "http://inbox:4603/"), ("ftp://inbox:4603", "ftp://inbox:4603/"), ("", "http://127.0.0.1/"),
        ("http://.*:4603", "http://inbox:4603/"), ("http://127.0.0.1:4603/", "http://127.0.0.1:4603/"),
    ],
)  # fmt: skip
def test_and_a_range_of_other_spelling_or_none_admits_nothing(origin: str, url: str) -> None:
    with pytest.raises(links.Forbidden):
        links.check_url(url, (origin,))


def test_what_is_dialled_is_told_as_it_was_checked() -> None:
    told = links.check_url("https://B\u00fccher.Example:8443/\u8def/../a?b=%7e c".replace(" ", "+"))
    assert told == links.Target("https", "xn--bcher-kva.example", 8443, "/a?b=%7E+c", False)


@pytest.mark.parametrize(
    "url",
    ["https://a.example\\@b.example/", "https://a.example\\/b.example/", "https://stra\u00dfe.example/",
     "https://a.example;b.example/", "https://a.example,b.example/", "https://[a.example]/", "https://[v1.a]/",
     "https://a.example%2eb.example/", "https://a\uff0eexample/", "https://\u2460.example/", "https://a.example\u3002/"],
)  # fmt: skip
def test_what_two_readers_take_for_two_hosts_is_nobodys_link(url: str) -> None:
    with pytest.raises(links.Forbidden):
        links.check_url(url)


def spelt(address: int) -> st.SearchStrategy[str]:
    """An IPv4 address in the spellings that resolvers take, in as many parts as they take."""
    part = st.sampled_from([str, hex, lambda number: f"0{number:o}", lambda number: f"{number:#X}"])
    splits = st.integers(1, 4).map(lambda parts: [*((address >> 8 * (3 - at)) & 255 for at in range(parts - 1)),
                                                  address & (1 << 8 * (5 - parts)) - 1])  # fmt: skip
    return st.tuples(splits, st.lists(part, min_size=4, max_size=4)).map(
        lambda told: ".".join(write(number) for number, write in zip(told[0], told[1], strict=False))
    )


HOSTS = st.one_of(
    st.sampled_from(["a.example", "localhost", "b\u00fccher.example", "[::1]", "[::ffff:10.0.0.1]", "127.0.0.1", "a.1",
                     "0x7f.1"]),
    st.integers(0, (1 << 32) - 1).flatmap(spelt), st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
    st.text("ab.-_%@:\\/?#[]0x17\u3002\uff11\u00df\u2460", max_size=12),
)  # fmt: skip
URLS = st.one_of(
    st.builds(
        "".join,
        st.tuples(
            st.sampled_from(["https", "HTTPS", "http", "ftp", ""]),
            st.sampled_from(["://", ":", ":/", ":\\\\", "//", ":///"]),
            st.sampled_from(["", "u@", "u:p@", "@", "a.example@", "a.example\\@"]), HOSTS,
            st.sampled_from(["", ":", ":443", ":8443", ":0443", ":22", ":0", ":65979", ":\u0664\u0664\u0663",
                             ":443:80"]),
            st.sampled_from(["", "/", "/x?y#z", "\\x", "?@b.example", "#@b.example", "/\r\nHost: b", "\t/", " ",
                             "/\u2028"]),
        ),
    ),
    st.text(max_size=60), st.text(max_size=40).map(lambda text: f"https://{text}"),
)  # fmt: skip


@settings(max_examples=2_000)
@given(URLS)
def test_whatever_passes_is_a_public_name_and_the_same_to_every_library(url: str) -> None:
    try:
        told = links.check_url(url)
    except links.Forbidden:
        return
    assert told.scheme == "https" and told.port in (443, 8443)
    assert url.isprintable() and " " not in url and told.path.isascii() and told.path.startswith("/")
    with pytest.raises(OSError, match="illegal"):
        socket.inet_aton(told.host)  # takes every spelling that a resolver takes for an IPv4 address
    assert ":" not in told.host and "." in told.host
    assert "@" not in re.split("[/?#]", url)[2]
    for other in (parse_url(url), parse_url(str(requests.Request("GET", url).prepare().url))):
        assert (other.scheme, other.host, other.port or 443) == (told.scheme, told.host, told.port)


@settings(max_examples=500)
@given(st.integers(0, (1 << 32) - 1).flatmap(spelt), st.sampled_from(["", ":443", ":8443"]))
def test_no_spelling_of_an_address_passes(host: str, port: str) -> None:
    assert socket.inet_aton(host), "it is one, for a resolver"
    with pytest.raises(links.Forbidden):
        links.check_url(f"https://{host}{port}/")
