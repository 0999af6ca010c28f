"""The code that is measured: packages at fixed versions, and the standard library of the running Python."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

from tests.benchmarks.measure import Trouble, last_line

PINNED = {
    "django": "Django==5.2.7",
    "nltk": "nltk==3.9.2",
    "sympy": "sympy==1.14.0",
    "twisted": "Twisted==25.5.0",
}
STDLIB = "stdlib"
PACKAGES = (*PINNED, STDLIB)

_LEFT_OUT = ("site-packages", "dist-packages", "test", "tests", "idle_test", "__pycache__", "*.so", "*.a", "*.pyc")
"""What isn't copied of the standard library: other packages, tests, some of which are wrong on purpose, binaries."""


def files(package: str, folder: Path, limit: int = 0) -> list[Path]:
    """The files of a package, at most ``limit`` of them, spread evenly; downloads the package if it isn't there.

    Raises Trouble.
    """
    root = _standard_library(folder) if package == STDLIB else _unpacked(package, folder)
    found = sorted(root.rglob("*.py"))
    if limit and len(found) > limit:
        return [found[number * len(found) // limit] for number in range(limit)]
    return found


def count_lines(paths: list[Path]) -> int:
    """How many lines some files have."""
    return sum(path.read_bytes().count(b"\n") for path in paths)


def _standard_library(folder: Path) -> Path:
    """A copy, since fixit skips what lies in a directory that git ignores, as Python itself may."""
    target = _packages(folder) / f"{STDLIB}-{platform.python_version()}"
    if not target.is_dir():
        unfinished = target.with_name(f"{target.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(sysconfig.get_path("stdlib"), unfinished, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        unfinished.rename(target)
    return target


def _packages(folder: Path) -> Path:
    """Where the code is; with a file that says to tools that no project around it matters."""
    packages = folder / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    (packages / "pyproject.toml").touch()
    return packages


def _unpacked(package: str, folder: Path) -> Path:
    requirement = PINNED[package]
    target = _packages(folder) / requirement
    if not target.is_dir():
        wheel = _download(requirement, folder / "wheels" / requirement)
        unfinished = target.with_name(f"{requirement}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unfinished)
        unfinished.rename(target)
    return target


def _download(requirement: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet"]
    command = [*pip, "--no-deps", "--only-binary=:all:", "--dest", str(folder), requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise Trouble(f"{requirement} could not be downloaded: {last_line(done.stderr)}")
    return wheels[0]
