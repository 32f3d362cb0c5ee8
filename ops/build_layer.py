"""Builds the Lambda layer as a plain folder that both `aws cloudformation package` and `sam deploy` take as it is.

    python -m ops.build_layer --target local|lambda [--out build/layer]

`local` is for the interpreter that runs this; `lambda` is for the one in template.yaml (CPython 3.13 on arm64), from
wheels only, so that neither a compiler nor Docker is needed. Every file is checked against requirements/layer.txt.
The same sources give the same files, byte for byte and second for second.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ops.alone import alone

ROOT = Path(__file__).resolve().parents[1]
LAMBDA_PYTHON = "3.13"
GLIBCS = ("manylinux_2_28", "manylinux_2_26", "manylinux_2_24", "manylinux_2_17", "manylinux2014")  # Lambda has 2.34
TARGETS = {
    "local": [],
    "lambda": ["--implementation", "cp", "--python-version", LAMBDA_PYTHON,
               *(word for glibc in GLIBCS for word in ("--platform", f"{glibc}_aarch64"))],
}  # fmt: skip
SOURCE_ONLY = "crcmod"  # no wheel of it exists; its C part is optional and its Python part is enough
PILLOW_EXTRAS = (  # other formats than JPEG and PNG, fonts, colour profiles, Tk: half of Pillow's weight
    *(f"PIL/_{name}.*" for name in ("avif", "webp", "imagingft", "imagingcms", "imagingtk")),
    *(f"pillow.libs/lib{name}-*"
      for name in ("avif", "webp", "webpmux", "webpdemux", "sharpyuv", "freetype", "harfbuzz", "lcms2", "png16",
                   "brotlidec", "brotlicommon")),
)  # fmt: skip
UNUSED = (  # never imported by a function
    "bin", "**/tests", "**/__pycache__", "**/*.pyi", "Crypto/SelfTest", *PILLOW_EXTRAS
)  # fmt: skip
LONG_AGO = 315_619_200  # 1980-01-02: a fixed time, and the first day a zip can hold in every zone
BUILDER = "4"  # goes up when the code below builds something else from the same lock

Pip = Callable[[Sequence[str]], None]


class BuildError(Exception):
    """What went wrong and how to mend it, in words for the person at the terminal."""


def run_pip(words: Sequence[str]) -> None:
    if importlib.util.find_spec("pip") is None:
        raise BuildError(f"{sys.executable} has no pip. Mend: {sys.executable} -m ensurepip, or on Debian and Ubuntu "
                         "apt install python3-pip python3-venv.")  # fmt: skip
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    done = _run([sys.executable, "-m", "pip", words[0], *quiet, *words[1:]])
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")] or [done.stderr[-500:]]
        raise BuildError(f"pip could not {words[0]} the locked packages: {said[-1].strip()}\nMend: see that the "
                         "package index can be reached from here (proxy, PIP_INDEX_URL); if pip speaks of hashes, what "
                         "it found is not what requirements/layer.txt holds, and must not be used.")  # fmt: skip


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    fixed = {**os.environ, "PYTHONHASHSEED": "0"}  # the order of constants in byte code depends on it
    return subprocess.run(command, capture_output=True, text=True, check=False, env=fixed)  # noqa: S603 (our own words)


def build(target: str, out: Path, *, house: Path = ROOT, pip: Pip = run_pip) -> Path:
    """The layer's folder, holding `python/`; only what changed since the last build is made again."""
    with alone(out.with_name(f".{out.name}.lock")):
        return _build(target, out, house, pip)


def _build(target: str, out: Path, house: Path, pip: Pip) -> Path:
    _refuse_strangers(out)
    began, layer, stamp = time.monotonic(), out / "python", out.with_name(f".{out.name}.json")
    lock, sources = (house / "requirements/layer.txt").read_text(), house / "layers/shared/facegate"
    wanted = {"packages": _packages_mark(target, lock), "facegate": _folder_mark(sources)}
    made = _read_stamp(stamp) if layer.is_dir() else {}
    stamp.unlink(missing_ok=True)  # a build that stops half-way leaves no promise behind
    if made.get("packages") != wanted["packages"]:
        _packages(target, lock, layer, pip)
    if made != wanted:
        _facegate(target, sources, layer)
    stamp.write_text(json.dumps(wanted))
    say(f"{out}: {_weight(layer)}, target {target}, {time.monotonic() - began:.1f} s")
    return out


def _refuse_strangers(out: Path) -> None:
    if out.exists() and {path.name for path in out.iterdir()} - {"python"}:
        raise BuildError(f"{out} holds more than a layer and would be replaced. Mend: name another folder with --out.")


def _weight(layer: Path) -> str:
    sizes = [path.stat().st_size for path in layer.rglob("*") if path.is_file()]
    return f"{sum(sizes) / 1e6:.1f} MB unzipped, {len(sizes)} files"


def _packages(target: str, lock: str, layer: Path, pip: Pip) -> None:
    """Everything but facegate; built aside and then put in place whole."""
    aside = layer.parent.with_name(f".{layer.parent.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    fresh = aside / "python"
    fresh.mkdir(parents=True)
    requirements = cut(lock)
    with step("wheels"):
        _wheels(target, "\n".join(text for name, text in requirements.items() if name != SOURCE_ONLY), fresh, pip)
    with step(f"{SOURCE_ONLY}, the pure Python part"):
        _source_only(requirements[SOURCE_ONLY], fresh, pip)
    with step("prune"):
        prune(fresh)
    compile_folder(target, fresh, fresh)
    _age(fresh)
    shutil.rmtree(layer.parent, ignore_errors=True)
    aside.replace(layer.parent)


def _wheels(target: str, lock: str, fresh: Path, pip: Pip) -> None:
    wanted = fresh.with_name("wheels.txt")
    wanted.write_text(lock)
    pip(["install", "--require-hashes", "--no-deps", "--no-compile", "--only-binary", ":all:", *TARGETS[target],
         "--target", str(fresh), "--requirement", str(wanted)])  # fmt: skip
    wanted.unlink()


def _source_only(requirement: str, fresh: Path, pip: Pip) -> None:
    """pip checks the hash of the archive; what is needed of it is copied out, and nothing is compiled or installed."""
    folder = fresh.with_name("source")
    folder.mkdir()
    wanted = folder / "source.txt"
    wanted.write_text(requirement)
    pip(["download", "--require-hashes", "--no-deps", "--no-binary", SOURCE_ONLY,
         "--dest", str(folder), "--requirement", str(wanted)])  # fmt: skip
    unpack(next(folder.glob("*.tar.gz")), fresh / SOURCE_ONLY)
    shutil.rmtree(folder)


def unpack(archive: Path, package: Path) -> None:
    """Only the modules of `python3/<package>`, by their bare names: a path inside the archive is never followed."""
    package.mkdir()
    inside = re.compile(rf"[^/]+/python3/{package.name}/([a-z_]+\.py)")
    with tarfile.open(archive) as tar:
        for member in tar:
            found = inside.fullmatch(member.name)
            if found and found[1] != "test.py" and (content := tar.extractfile(member)):
                (package / found[1]).write_bytes(content.read())


def cut(lock: str) -> dict[str, str]:
    """A lock file as {package: its requirement with its hashes}."""
    entries = re.findall(r"^[\w.-]+==(?:.*\\\n)*.*", lock, flags=re.MULTILINE)
    return {entry.partition("==")[0]: entry for entry in entries}


def prune(folder: Path) -> None:
    for pattern in UNUSED:
        for path in sorted(folder.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _facegate(target: str, sources: Path, layer: Path) -> None:
    with step("facegate"):
        package = layer / sources.name
        shutil.rmtree(package, ignore_errors=True)
        shutil.copytree(sources, package, ignore=shutil.ignore_patterns("__pycache__"))
    compile_folder(target, package, layer)
    _age(package)


def compile_folder(target: str, folder: Path, top: Path) -> None:
    """Byte code that is never compared with its source: the layer is read-only, so there is nothing to compare."""
    interpreter = sys.executable if target == "local" else find_lambda_python()
    if interpreter is None:
        if folder == top:  # said once, for the packages
            say(f"  warning: no python{LAMBDA_PYTHON} that runs is on the PATH, so the layer goes without byte code: "
                "every cold start compiles what it imports, which takes three times as long")  # fmt: skip
        return
    with step(f"byte code for {folder.name}"):
        done = _run([interpreter, "-m", "compileall", "-q", "-j", "0" if folder == top else "1",
                     "--invalidation-mode", "unchecked-hash", "-s", str(top), "-p", "/opt/python",
                     str(folder)])  # fmt: skip
        if done.returncode:
            raise BuildError(f"{interpreter} could not compile the layer: {done.stdout.strip()[-500:]}")


def find_lambda_python() -> str | None:
    """A Python of Lambda's version that really answers: a version manager's stand-in may be there and only complain."""
    names = [sys.executable, *(str(Path(folder) / f"python{LAMBDA_PYTHON}") for folder in os.get_exec_path())]
    return next((name for name in names if _version_of(name) == LAMBDA_PYTHON), None)


def _version_of(interpreter: str) -> str:
    try:
        return _run([interpreter, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).stdout.strip()
    except OSError:
        return ""


def _age(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (LONG_AGO, LONG_AGO))


def _packages_mark(target: str, lock: str) -> str:
    python = (LAMBDA_PYTHON, find_lambda_python() is not None) if target == "lambda" else (
        sys.version_info[:2], sysconfig.get_config_var("SOABI"), sysconfig.get_platform())  # fmt: skip
    return hashlib.sha256(repr((BUILDER, target, python, lock)).encode()).hexdigest()


def _folder_mark(folder: Path) -> str:
    mark = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        mark.update(f"{path.relative_to(folder)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return mark.hexdigest()


def _read_stamp(stamp: Path) -> dict[str, str]:
    try:
        read: dict[str, str] = json.loads(stamp.read_text())
        return read
    except (OSError, ValueError):
        return {}


@contextmanager
def step(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    say(f"  {what}: {time.monotonic() - began:.1f} s")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ops.build_layer", description="Build the Lambda layer.")
    parser.add_argument("--target", choices=TARGETS, required=True, help="this machine, or AWS Lambda on arm64")
    parser.add_argument("--out", type=Path, default=ROOT / "build/layer")
    options = parser.parse_args()
    try:
        build(options.target, options.out)
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
