"""Multipart in every shape that the old clients send."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facegate.vendors.tencent_id import multipart

JPEG = b"\xff\xd8\xff\xe0\r\n--not it\r\n\r\n\x00\xff\xd9"
WANTED = {"appid": b"1250000001", "idcard_number": b"n", "idcard_name": "张三".encode(), "image": JPEG}
NAME = "张三".encode()

PYTHON = (
    b'--f0\r\nContent-Disposition: form-data; name="appid"; filename="appid"\r\n\r\n1250000001\r\n'
    b'--f0\r\nContent-Disposition: form-data; name="idcard_number"; filename="idcard_number"\r\n\r\nn\r\n'
    b'--f0\r\nContent-Disposition: form-data; name="idcard_name"; filename="idcard_name"\r\n\r\n' + NAME + b"\r\n"
    b'--f0\r\nContent-Disposition: form-data; name="image"; filename="%2Ftmp%2Fme.jpg"\r\n\r\n'
    + JPEG
    + b"\r\n--f0--\r\n"
)
NODE = (
    b'----------------------------42\r\nContent-Disposition: form-data; name="idcard_number"\r\n\r\nn\r\n'
    b'----------------------------42\r\nContent-Disposition: form-data; name="idcard_name"\r\n\r\n' + NAME + b"\r\n"
    b'----------------------------42\r\nContent-Disposition: form-data; name="image"; filename="me.jpg"\r\n'
    b"Content-Type: image/jpeg\r\n\r\n" + JPEG + b"\r\n"
    b'----------------------------42\r\nContent-Disposition: form-data; name="appid"\r\n\r\n1250000001\r\n'
    b"----------------------------42--"
)
JAVA = (
    b'--3c-b9\r\nContent-Disposition: form-data; name="appid"\r\nContent-Length: 10\r\n\r\n1250000001\r\n'
    b'--3c-b9\r\nContent-Disposition: form-data; name="bucket"\r\nContent-Length: 0\r\n\r\n\r\n'
    b'--3c-b9\r\nContent-Disposition: form-data; name="idcard_number"\r\nContent-Length: 1\r\n\r\nn\r\n'
    b'--3c-b9\r\nContent-Disposition: form-data; name="idcard_name"\r\nContent-Length: 6\r\n\r\n' + NAME + b"\r\n"
    b'--3c-b9\r\nContent-Disposition: form-data; name="image"; filename="me.jpg"\r\nContent-Type: image/jpg\r\n'
    b"Content-Length: 23\r\n\r\n" + JPEG + b"\r\n--3c-b9--\r\n"
)
PHP = (
    b'--------------------------a1\r\nContent-Disposition: form-data; name="appid"\r\n\r\n1250000001\r\n'
    b'--------------------------a1\r\nContent-Disposition: form-data; name="idcard_number"\r\n\r\nn\r\n'
    b'--------------------------a1\r\nContent-Disposition: form-data; name="idcard_name"\r\n\r\n' + NAME + b"\r\n"
    b'--------------------------a1\r\nContent-Disposition: form-data; name="image"\r\n\r\n' + JPEG + b"\r\n"
    b"--------------------------a1--\r\n"
)
PAGE = (  # a semicolon after the name, line feeds alone
    b'----------------acebdf13572468\nContent-Disposition: form-data; name="appid";\n\n1250000001\n'
    b'----------------acebdf13572468\nContent-Disposition: form-data; name="idcard_number";\n\nn\n'
    b'----------------acebdf13572468\nContent-Disposition: form-data; name="idcard_name";\n\n' + NAME + b"\n"
    b'----------------acebdf13572468\nContent-Disposition: form-data; name="image"; filename="test.jpg"\n'
    b"Content-Type: image/jpeg\n\n" + JPEG + b"\n----------------acebdf13572468--\n"
)
DASHES = PYTHON.replace(b"--f0", b"------")
SHAPES = {
    "PyPI: every text is a file": (PYTHON, "multipart/form-data; boundary=f0"),
    "npm": (NODE, "multipart/form-data; boundary=--------------------------42"),
    "Java: each part has its length, and the bucket is empty": (JAVA, "multipart/form-data; boundary=3c-b9"),
    "PHP: the picture is a plain field": (PHP, "multipart/form-data; boundary=------------------------a1"),
    "the page": (PAGE, "multipart/form-data;boundary=--------------acebdf13572468"),
    "a quoted boundary": (PYTHON, 'Multipart/Form-Data; charset=utf-8; Boundary="f0"'),
    "a boundary of dashes only": (DASHES, "multipart/form-data; boundary=----"),
    "a preamble and an epilogue": (b"\r\n" + PYTHON + b"bye", "multipart/form-data; boundary=f0; charset=utf-8"),
    "names without quotes": (PYTHON.replace(b'name="appid"', b"name=appid"), "multipart/form-data; boundary=f0"),
}


@pytest.mark.parametrize(("body", "kind"), SHAPES.values(), ids=SHAPES)
def test_every_shape_reads_the_same(body: bytes, kind: str) -> None:
    assert {name: value for name, value in multipart.read(body, kind).items() if name != "bucket"} == WANTED


def test_an_empty_part_is_empty() -> None:
    assert multipart.read(JAVA, "multipart/form-data; boundary=3c-b9")["bucket"] == b""


def test_a_name_within_a_filename_is_no_name() -> None:
    body = b'--b\r\nContent-Disposition: form-data; filename="x; name=appid"; name="image"\r\n\r\nx\r\n--b--'
    assert multipart.read(body, "multipart/form-data; boundary=b") == {"image": b"x"}


def test_a_part_without_a_name_is_nobodys() -> None:
    assert multipart.read(b"--b\r\nX: y\r\n\r\nx\r\n--b--", "multipart/form-data; boundary=b") == {}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PYTHON, ""), (PYTHON, "multipart/form-data"), (PYTHON, "multipart/form-data; boundary="),
        (PYTHON, "multipart/form-data; boundary=other"), (PYTHON, "multipart/form-data; boundary=\u4e00"),
        (PYTHON, "multipart/form-data; boundary=" + "f" * 201), (b"", "multipart/form-data; boundary=f0"),
        (b"--f0--\r\n", "multipart/form-data; boundary=f0"), (b"--f0\r\nx", "multipart/form-data; boundary=f0"),
        (b"--f0\r\nno blank line\r\n--f0--", "multipart/form-data; boundary=f0"),
        (PYTHON.replace(b"--f0--", b""), "multipart/form-data; boundary=f0"),
        (b"--f0\r\n\r\n\r\n" * 51 + b"--f0--", "multipart/form-data; boundary=f0"),
        (b"\n--a" * 500_000, "multipart/form-data; boundary=a"),
    ],
)  # fmt: skip
def test_what_is_no_whole_multipart_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(multipart.Malformed):
        multipart.read(body, kind)


def test_fifty_parts_are_read() -> None:
    body = b"--f0\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n" * 50 + b"--f0--"
    assert multipart.read(body, "multipart/form-data; boundary=f0") == {"a": b""}


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), st.binary(max_size=200), min_size=1))
def test_what_is_written_is_read(parts: dict[str, bytes]) -> None:
    boundary = "facegate-0123456789"
    read = multipart.read(multipart.write(parts, boundary, "image"), f"multipart/form-data; boundary={boundary}")
    assert read == parts


@settings(max_examples=2000)
@given(st.lists(st.sampled_from([b"--b", b"--", b"\r\n", b"\n", b"\r\n\r\n", b'name="a"', b";", b"\xff",
                                 b"Content-Disposition: ", b"form-data; "])))  # fmt: skip
def test_no_bytes_break_the_reader(pieces: list[bytes]) -> None:
    try:
        multipart.read(b"".join(pieces), "multipart/form-data; boundary=b")
    except multipart.Malformed:
        pass
