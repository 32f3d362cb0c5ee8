"""The layer's builder with another `pip`: what it asks for, what it copies, what it leaves alone."""

import io
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ops.build_layer import ROOT, BuildError, build, cut, prune, run_pip, unpack

LOCK = """\
# comment
crcmod==1.7 \\
    --hash=sha256:aa
    # via cos
requests==2.34.2 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via -r layer.in
"""


@dataclass
class FakePip:
    """Answers as pip would, from nothing; keeps what it was asked."""

    asked: list[tuple[list[str], str]] = field(default_factory=list)

    def __call__(self, words: Sequence[str]) -> None:
        self.asked.append((list(words), Path(words[-1]).read_text()))
        if words[0] == "install":
            target = Path(words[words.index("--target") + 1])
            for name in ("requests/__init__.py", "requests/tests/test_x.py", "bin/normalizer"):
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                (target / name).write_text("")
        else:
            _archive(Path(words[words.index("--dest") + 1]) / "crcmod-1.7.tar.gz")


def _archive(path: Path) -> None:
    wanted, unwanted = ("__init__.py", "crcmod.py"), ("test.py", "../evil.py", "../../python2/crcmod/old.py")
    with tarfile.open(path, "w:gz") as tar:
        for name in wanted + unwanted:
            tar.addfile(tarfile.TarInfo(f"crcmod-1.7/python3/crcmod/{name}"), io.BytesIO())


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/layer.txt").write_text(LOCK)
    (tmp_path / "layers/shared/facegate").mkdir(parents=True)
    (tmp_path / "layers/shared/facegate/__init__.py").write_text("VALUE = 1\n")
    return tmp_path


def test_the_lock_is_cut_into_whole_requirements() -> None:
    assert cut(LOCK) == {
        "crcmod": "crcmod==1.7 \\\n    --hash=sha256:aa",
        "requests": "requests==2.34.2 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc",
    }


def test_every_requirement_of_the_real_lock_has_a_hash_and_boto3_is_not_among_them() -> None:
    requirements = cut((ROOT / "requirements/layer.txt").read_text())
    assert all("--hash=sha256:" in text for text in requirements.values())
    assert {"boto3", "botocore"}.isdisjoint(requirements)


def test_the_layer_holds_the_packages_and_facegate_and_nothing_else(house: Path) -> None:
    pip = FakePip()
    layer = build("local", house / "build/layer", house=house, pip=pip) / "python"
    sources = {str(path.relative_to(layer)) for path in layer.rglob("*.py")}
    assert sources == {"requests/__init__.py", "crcmod/__init__.py", "crcmod/crcmod.py", "facegate/__init__.py"}
    assert {path.name for path in layer.parent.iterdir()} == {"python"}
    assert ["crcmod" in text for _, text in pip.asked] == [False, True]
    assert all("--require-hashes" in words for words, _ in pip.asked)


def test_an_edit_of_facegate_costs_no_pip_and_an_edit_of_the_lock_does(house: Path) -> None:
    pip, out = FakePip(), house / "build/layer"
    build("local", out, house=house, pip=pip)
    (house / "layers/shared/facegate/__init__.py").write_text("VALUE = 2\n")
    build("local", out, house=house, pip=pip)
    assert (out / "python/facegate/__init__.py").read_text() == "VALUE = 2\n"
    assert len(pip.asked) == 2
    (house / "requirements/layer.txt").write_text(LOCK + "six==1.17.0 \\\n    --hash=sha256:dd\n")
    build("local", out, house=house, pip=pip)
    assert len(pip.asked) == 4


def test_a_build_that_failed_is_not_taken_for_a_finished_one(house: Path) -> None:
    def broken(words: Sequence[str]) -> None:
        raise BuildError("no network")

    with pytest.raises(BuildError):
        build("local", house / "build/layer", house=house, pip=broken)
    pip = FakePip()
    build("local", house / "build/layer", house=house, pip=pip)
    assert len(pip.asked) == 2


def test_a_folder_with_something_else_in_it_is_not_replaced(house: Path) -> None:
    (house / "build").mkdir()
    (house / "build/thesis.txt").write_text("three years of work")
    with pytest.raises(BuildError, match="holds more than a layer"):
        build("local", house / "build", house=house, pip=FakePip())
    assert (house / "build/thesis.txt").exists()


def test_for_lambda_only_arm64_wheels_of_its_python_are_asked_for(house: Path) -> None:
    pip = FakePip()
    build("lambda", house / "build/layer", house=house, pip=pip)
    words = pip.asked[0][0]
    assert words[words.index("--python-version") + 1] == "3.13"
    assert words[words.index("--only-binary") + 1] == ":all:"
    platforms = [words[at + 1] for at, word in enumerate(words) if word == "--platform"]
    assert platforms
    assert all(platform.endswith("_aarch64") for platform in platforms)


def test_a_path_inside_the_archive_is_never_followed(tmp_path: Path) -> None:
    _archive(tmp_path / "a.tar.gz")
    unpack(tmp_path / "a.tar.gz", tmp_path / "crcmod")
    assert sorted(path.name for path in tmp_path.rglob("*.py")) == ["__init__.py", "crcmod.py"]


def test_pruning_takes_folders_and_files(tmp_path: Path) -> None:
    for name in ("bin/x", "a/__pycache__/x.pyc", "a/b.pyi", "Crypto/SelfTest/x.py", "a/keep.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    prune(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()] == ["a/keep.py"]


def test_pip_that_fails_is_one_message_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"^pip could not install the locked packages: ERROR: .*\nMend: "):
        run_pip(["install", "--no-index", "--target", str(tmp_path), "facegate-is-not-there"])
