"""The tools that are measured side by side, each in a virtual environment of its own."""

from __future__ import annotations

import shutil
import subprocess
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.measure import ROOT, Cost, Trouble, environment, last_line

FLAKE8 = "flake8==7.5.0"
BARE = "flake8"
OURS = "flake8-pitfalls"

_RUN_FLAKE8 = ("python", "-m", "flake8", "--isolated", "-j1")


@dataclass(frozen=True)
class Peer:
    """A tool, what to install for it, and the command that the files are added to."""

    name: str
    requirements: tuple[str, ...]
    command: tuple[str, ...]
    failed: Callable[[int], bool] = lambda code: code not in {0, 1}
    """Whether an exit code says something else than that there are findings."""


PEERS = {
    peer.name: peer
    for peer in (
        Peer(BARE, (FLAKE8,), _RUN_FLAKE8),
        Peer(OURS, (FLAKE8, "libcst==1.9.0"), _RUN_FLAKE8),
        Peer("flake8-bugbear", (FLAKE8, "flake8-bugbear==26.10.27"), _RUN_FLAKE8),
        Peer("flake8-async", (FLAKE8, "flake8-async==26.8.1"), _RUN_FLAKE8),
        Peer(
            "ruff",
            ("ruff==0.17.6",),
            ("ruff", "check", "--isolated", "--no-cache", "--select=B006,B023"),
        ),
        Peer(
            "pylint",
            ("pylint==4.1.4",),
            (
                *("python", "-m", "pylint", "--rcfile=/dev/null", "--persistent=n", "--jobs=1", "--disable=all"),
                "--enable=dangerous-default-value,cell-var-from-loop",
            ),
            lambda code: code < 0 or bool(code & 32),
        ),
        Peer(
            "fixit",
            ("fixit==2.2.1",),
            ("python", "-m", "fixit", "--quiet", "lint"),
            lambda code: not 0 <= code <= 3,
        ),
    )
}


def command(peer: Peer, folder: Path) -> list[str]:
    """The command that runs a tool, without files. Raises Trouble if the tool can't be installed."""
    binaries = _installed(peer, folder) / "bin"
    program, *arguments = peer.command
    return [str(binaries / program), *arguments]


def complaint(peer: Peer, cost: Cost) -> str | None:
    """Why a run doesn't count, if it doesn't."""
    if not peer.failed(cost.code):
        return None
    return f"{peer.name} ended with code {cost.code}: {last_line(cost.error)}"


def _installed(peer: Peer, folder: Path) -> Path:
    """The environment of a tool; one of an earlier run is used again if it's complete and the same."""
    target = folder / "environments" / peer.name
    receipt = target / "installed.txt"
    wanted = "\n".join(peer.requirements)
    if not receipt.exists() or receipt.read_text() != wanted:
        shutil.rmtree(target, ignore_errors=True)
        venv.create(target, with_pip=True, symlinks=True)
        _install(target, *peer.requirements)
        receipt.write_text(wanted)
    if peer.name == OURS:
        _install_checkout(target, folder / "checkout")
    return target


def _install(target: Path, *arguments: str) -> None:
    pip = [str(target / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    done = subprocess.run([*pip, *arguments], capture_output=True, text=True, check=False, env=environment())
    if done.returncode:
        raise Trouble(f"{' '.join(arguments)} could not be installed: {last_line(done.stderr)}")


def _install_checkout(target: Path, copy: Path) -> None:
    """Install the plugin as it is in the checkout, from a copy, since the build leaves files behind."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in ("pyproject.toml", "README.rst", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    shutil.copytree(ROOT / "flake8_pitfalls", copy / "flake8_pitfalls", ignore=shutil.ignore_patterns("__pycache__"))
    _install(target, "--no-deps", "--force-reinstall", str(copy))
