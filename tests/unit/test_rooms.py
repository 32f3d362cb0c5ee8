"""Who may import whom, and what no file may do. A new room is a new row."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import pytest

REPO = Path(__file__).resolve().parents[2]
LAYER = REPO / "layers" / "shared"


class Room(NamedTuple):
    files: tuple[str, ...]
    ours: tuple[str, ...] = ()  # rooms of the layer; `signing` admits signing and all in it
    libraries: tuple[str, ...] = ()


VALUES = ("wire", "problems", "model")
DIALECTS = ("vendors", "signing", *VALUES)
STORIES = (
    "arrival", "check", "settle", "redaction", "precheck", "pacing", "ports", "ids", "apikeys", "opening", "lending",
    "endpoint", "subjects", "dropped", "callers_cos", "turns",
)  # fmt: skip
PURE = (*STORIES, "moves", "exchange", "pictures", "webhooks", *DIALECTS)
NETWORK = ("boto3", "botocore", "requests", "urllib3", "certifi", "qcloud_cos", "tencentcloud")
POWERTOOLS = ("aws_lambda_powertools",)
SANDBOX_TOOLS = ("sandbox", "aiohttp", "PIL", "crcmod", "standardwebhooks")
F = "layers/shared/facegate/"

# Besides the standard library; the first row that fits a file is its room.
RULES = (
    #    files                                                 our rooms                      libraries
    Room((f"{F}wire.py", f"{F}model.py", f"{F}settings.py", f"{F}__init__.py")),
    Room((f"{F}problems.py",),                                 ("model",)),
    Room((f"{F}moves.py",),                                    ("problems", "model")),
    Room((f"{F}signing/*.py",),                                ("signing", "wire")),
    Room((f"{F}vendors/*.py",),                                DIALECTS),
    Room((f"{F}exchange.py",),                                 DIALECTS),
    Room((f"{F}subjects.py",),                                 ("problems", "model")),
    Room((f"{F}pictures/fitting.py",),                         ("pictures", *DIALECTS),       ("PIL",)),
    Room((f"{F}pictures/*.py",),                               ("pictures", *VALUES)),
    Room((f"{F}webhooks/*.py",),                               PURE),
    Room(tuple(f"{F}{story}.py" for story in STORIES),         PURE),
    Room((f"{F}telemetry.py",),                                (),                            POWERTOOLS),
    Room((f"{F}api.py",),                                      PURE,                          ("pydantic",)),
    Room((f"{F}api_webhooks.py",),                             ("api", *PURE),                ("pydantic",)),
    Room((f"{F}shown_webhooks.py",),                           PURE,                          ("pydantic",)),
    Room((f"{F}shown.py",),                                    ("settings", *PURE),           ("pydantic",)),
    Room((f"{F}edge/*.py",),                                   ("edge", "telemetry", *PURE),  POWERTOOLS),
    Room((f"{F}adapters/asking.py", f"{F}adapters/quotas.py"), ("adapters", "settings", *PURE)),
    Room((f"{F}adapters/keyring.py",),                         ("adapters", *PURE),           ("Crypto",)),
    Room((f"{F}adapters/*.py",),                               ("adapters", *PURE),           (*NETWORK, *POWERTOOLS)),
    Room((f"{F}wiring.py",),                                   ("adapters", "edge", "settings", *PURE)),
    Room(("functions/*/app.py",),                              ("*",),                        POWERTOOLS),
    Room(("sandbox/*.py",),                                    PURE,                          SANDBOX_TOOLS),
    Room(("relay/*.py",)),
)  # fmt: skip
FILES = sorted(
    path
    for pattern in ("layers/shared/facegate/**/*.py", "functions/**/*.py", "sandbox/**/*.py", "relay/**/*.py")
    for path in REPO.glob(pattern)
)


def of(path: Path) -> str:
    return path.relative_to(REPO).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it; `from facegate import ids` is facegate.ids."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            assert not node.level, f"{of(path)}: imports are absolute"
            yield from (f"{base}.{name.name}" if _is_module(base, name.name) else base for name in node.names)


def _is_module(base: str, name: str) -> bool:
    place = LAYER.joinpath(*base.split("."))
    return base.startswith("facegate") and ((place / f"{name}.py").exists() or (place / name).is_dir())


def allowed(module: str, room: Room) -> bool:
    top, _, rest = module.partition(".")
    if top != "facegate":
        return top in sys.stdlib_module_names or top in room.libraries
    return rest.split(".")[0] in room.ours or "*" in room.ours or not rest


def room_of(path: Path) -> Room | None:
    return next((room for room in RULES if any(fnmatch(of(path), pattern) for pattern in room.files)), None)


def test_every_file_has_a_room() -> None:
    assert not [of(path) for path in FILES if room_of(path) is None]
    assert len(FILES) > 60, "the patterns find no files"


@pytest.mark.parametrize("path", FILES, ids=of)
def test_a_file_imports_only_what_its_room_may(path: Path) -> None:
    room = room_of(path)
    assert room
    assert not [module for module in imports(path) if not allowed(module, room)]


def test_a_stranger_would_be_seen(tmp_path: Path) -> None:
    """The rule itself can fail, inside functions too and by either form of import."""
    file = tmp_path / "model.py"
    file.write_text("import json\ndef f():\n    from facegate import wiring\n    import boto3.session\n")
    assert [module for module in imports(file) if not allowed(module, RULES[0])] == ["facegate.wiring", "boto3.session"]


def names(path: Path) -> Iterator[str]:
    """Dotted names read or called in a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute | ast.Name):
            yield ast.unparse(node)
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


DIALECT_FOLDERS = sorted(
    path.parent for path in (LAYER / "facegate" / "vendors").glob("*/__init__.py") if path.parent.name != "api3"
)  # api3 is an envelope, and no vendor
SHARED_BY_DIALECTS = ("facegate.vendors.dialect", "facegate.vendors.api3", "facegate.vendors.scale")


@pytest.mark.parametrize("folder", DIALECT_FOLDERS, ids=lambda folder: folder.name)
def test_no_dialect_knows_another(folder: Path) -> None:
    """A vendor goes with its folder and its row."""
    own = f"facegate.vendors.{folder.name}"
    of_vendors = {module for path in folder.glob("*.py") for module in imports(path) if "facegate.vendors" in module}
    assert of_vendors
    assert not [module for module in of_vendors if not module.startswith((own, *SHARED_BY_DIALECTS))]


def test_the_shared_parts_of_dialects_know_none_of_them() -> None:
    vendors = LAYER / "facegate" / "vendors"
    for path in (vendors / "dialect.py", vendors / "scale.py", *(vendors / "api3").glob("*.py")):
        of_vendors = [module for module in imports(path) if module.startswith("facegate.vendors")]
        assert not [module for module in of_vendors if not module.startswith(SHARED_BY_DIALECTS)]


def test_the_stories_start_without_pillow() -> None:
    """It costs a cold start, and most functions never see a photo that has to be fitted."""
    stories = ", ".join(f"facegate.{story}" for story in (*STORIES, "pictures.fitting"))
    said = f"import sys, {stories}; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], env={"PYTHONPATH": str(LAYER)}).returncode == 0


SERVED = [path for path in FILES if of(path).startswith(("layers/", "functions/"))]


def users_of(*wanted: str) -> set[str]:
    return {of(path) for path in SERVED if set(wanted) & set(names(path))}


def test_wiring_alone_reads_the_environment() -> None:
    assert users_of("os.environ", "os.getenv", "os.environb") == {f"{F}wiring.py"}


def test_wiring_alone_imports_adapters_within_the_layer() -> None:
    users = {of(path) for path in SERVED if any(module.startswith("facegate.adapters") for module in imports(path))}
    assert {user for user in users if user.startswith(F) and "/adapters/" not in user} == {f"{F}wiring.py"}


def test_the_clock_is_read_in_one_place() -> None:
    assert users_of("datetime.now", "datetime.utcnow", "time.time", "time.time_ns", "date.today") == {
        f"{F}edge/__init__.py"
    }


def test_nothing_prints() -> None:
    quiet = [path for path in FILES if not of(path).startswith("sandbox/")]
    assert not [of(path) for path in quiet if {"print", "pprint.pprint", "sys.stdout"} & set(names(path))]


def test_a_function_is_one_file_and_its_api_description() -> None:
    for folder in (REPO / "functions").iterdir():
        found = {path.name for path in folder.iterdir()} - {"__pycache__"}
        assert "app.py" in found, folder.name
        assert found <= {"app.py", "openapi.json"}, folder.name


def test_every_module_of_the_layer_says_what_it_is() -> None:
    assert not [of(path) for path in SERVED if not ast.get_docstring(tree(path))]


@pytest.mark.parametrize("path", sorted((REPO / "relay").glob("*.py")), ids=of)
def test_the_relay_is_python_3_9(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
