"""The vendors' printed sample programs: filled in as their pages tell callers to, run, and their output read."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from tests.integration.clients import homes
from tests.integration.clients.orders import PORTRAIT, Answer, Order, encoded

PROGRAMS = Path(__file__).parent / "programs"
PAGE_BLANK = "\u2002"  # how Kuaidi100's page prints a blank
YUNJIAN_URL = "https://service-2f8hgj2k-1256122842.gz.apigw.tencentcs.com/release/jingmocompare"
KUAIDI100_URL = "http://cloud.kuaidi100.com/api"


class Form(NamedTuple):
    """How a program writes down what is to be filled in; `{}` is the value."""

    blank: str  # what the page has for a key
    secret_id: str
    secret_key: str
    field: str  # `<>` is the name


FORMS = {
    "yunjian/sample.py": Form("xxxx", 'secretId = "{}"', 'secretKey = "{}"', '"<>": "{}"'),
    "yunjian/sample.js": Form("xxx", 'secretId = "{}"', 'secretKey = "{}"', '"<>": "{}"'),
    "yunjian/sample.php": Form("xxxx", "$secretId = '{}'", "$secretKey = '{}'", "'<>' => '{}'"),
    "yunjian/sample.go": Form("xxxx", 'secretId := "{}"', 'secretKey := "{}"', 'bodyParams["<>"] = "{}"'),
    "kuaidi100/sample.py": Form("***", "params['secret_key'] = '{}'", "params['secret_sign'] = '{}'", "['<>'] = '{}'"),
    "kuaidi100/sample.php": Form("***", "'secret_key={}'", "'secret_sign={}'", "'<>={}'"),
}
COMMANDS: Mapping[str, Callable[[], tuple[list[str], dict[str, str]]]] = {
    ".py": lambda: ([homes.python_home("vendor_image")], {}),
    ".js": lambda: (["node"], {"NODE_PATH": homes.node_modules()}),
    ".php": lambda: (["php"], {}),
    ".go": lambda: (["go", "run"], homes.go_environment()),
}


def run(program: str, order: Order) -> Answer:
    vendor, text = program.split("/")[0], (PROGRAMS / program).read_text("utf-8")
    command, environment = COMMANDS[Path(program).suffix]()
    with TemporaryDirectory() as folder:
        file = Path(folder) / Path(program).name
        file.write_text(filled(text, VENDORS[vendor].blanks(FORMS[program], order)), "utf-8")
        return VENDORS[vendor].read(homes.run([*command, str(file)], environment))


def filled(text: str, blanks: Mapping[str, str]) -> str:
    """The program with each blank, found exactly once, replaced."""
    text = text.replace(PAGE_BLANK, " ")
    for printed, value in blanks.items():
        assert text.count(printed) == 1, printed
        text = text.replace(printed, value)
    return text


def _fields(form: Form, values: Mapping[str, str]) -> dict[str, str]:
    named = {name: form.field.replace("<>", name) for name in values}
    return {named[name].format(""): named[name].format(value) for name, value in values.items()}


def _yunjian(form: Form, order: Order) -> dict[str, str]:
    return {
        YUNJIAN_URL: f"{order.target.url}/release/jingmocompare",
        form.secret_id.format(form.blank): form.secret_id.format(order.keys.secret_id),
        form.secret_key.format(form.blank): form.secret_key.format(order.keys.secret_key),
        **_fields(form, {"idcard": order.number, "photo": encoded(order.photo), "realname": order.name}),
    }


def _kuaidi100(form: Form, order: Order) -> dict[str, str]:
    kinds = {"ImageType": "BASE64", "FaceType": "LIVE", "LiveControl": "NONE"}
    controls = {side + name: value for side in ("source", "compare") for name, value in kinds.items()}
    return {
        KUAIDI100_URL: f"{order.target.url}/api",
        form.secret_id.format(form.blank): form.secret_id.format(order.keys.secret_id),
        form.secret_key.format(f"md5({form.blank})"): form.secret_key.format(order.constant_sign),
        **_fields(form, {"sourceImage": encoded(PORTRAIT), "compareImage": encoded(order.photo), **controls}),
    }


def _heard_yunjian(done: homes.Done) -> Answer:
    """Python's raises at a refusal and never shows the body: its last line says what it got."""
    body = _json(done)
    code = body.get("errcode") or body.get("message") or done.complained.strip().rpartition("\n")[2]
    return Answer(code, _number(body.get("result", {}).get("score")))


def _heard_kuaidi100(done: homes.Done) -> Answer:
    body = _json(done)
    return Answer(str(body.get("code", done.complained)), _number(body.get("data", {}).get("score")))


def _json(done: homes.Done) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(done.said) if done.said.lstrip().startswith("{") else {}
    return body


def _number(text: str | None) -> float | None:
    return float(text) if text else None


class Vendor(NamedTuple):
    blanks: Callable[[Form, Order], dict[str, str]]
    read: Callable[[homes.Done], Answer]


VENDORS = {"yunjian": Vendor(_yunjian, _heard_yunjian), "kuaidi100": Vendor(_kuaidi100, _heard_kuaidi100)}
