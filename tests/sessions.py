"""The console sessions that the documentation shows: played again, and written down.

``python -m tests.sessions`` brings all of them up to date; ``test_docs.py`` checks that they are.

A page is played from top to bottom in an empty folder. A code block with a caption is a file of that name, and what
follows ``$`` in a ``console`` block is run; standard error comes after standard output. Where a page speaks of our own
modules, there is a copy of them, to which its ``diff`` blocks are applied.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

from flake8_pitfalls.rules.codes import CODES, Code
from tests.support import git, run, write

DOCS = Path(__file__).resolve().parent.parent / "docs"
TRANSCRIPTS = DOCS / "transcripts"
PACKAGE = DOCS.parent / "flake8_pitfalls"
PAGES = ("index.rst", "migration.rst", "adding-a-rule.rst")
"""The pages that are played."""

_PROGRAMS = {
    "python": (sys.executable,),
    "flake8": (sys.executable, "-m", "flake8"),
    "flake8-pitfalls": (sys.executable, "-m", "flake8_pitfalls"),
}
_BLOCK = re.compile(
    r"^\.\. code-block:: (?P<language>\S+)\n(?P<options>(?:   :.*\n)*)\n(?P<body>(?:(?:   .*)?\n)+)", re.MULTILINE
)
_CAPTION = re.compile(r"^   :caption: (\S+)$", re.MULTILINE)


def played(session: str, folder: Path) -> str:
    """A session as it goes today in a folder."""
    commands = re.findall(r"^\$ (.*)$", session, re.MULTILINE)
    return "\n".join(f"$ {command}\n{_output(command, folder)}" for command in commands)


def _output(command: str, folder: Path) -> str:
    program, *arguments = shlex.split(command)
    result = run(*_PROGRAMS[program], *arguments, cwd=folder, env={"PYTHONDONTWRITEBYTECODE": "1"})
    return "".join(f"{line.rstrip()}\n" for line in (result.text + result.err).splitlines())


def played_page(text: str, folder: Path) -> str:
    """A page with its sessions as they go today."""

    if "flake8_pitfalls/" in text:
        shutil.copytree(PACKAGE, folder / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))

    def block(match: re.Match[str]) -> str:
        body = textwrap.dedent(match["body"])
        if match["language"] == "diff":
            _apply(body, folder)
            return match[0]
        caption = _CAPTION.search(match["options"])
        if caption is not None:
            write(folder / caption[1], body.strip("\n") + "\n")
        if match["language"] != "console":
            return match[0]
        head = match[0][: match.start("body") - match.start()]
        return f"{head}{textwrap.indent(played(body, folder), '   ')}\n"

    return _BLOCK.sub(block, text)


def _apply(diff: str, folder: Path) -> None:
    # An empty line of context has lost its blank.
    lines = [line or " " for line in diff.strip("\n").splitlines()]
    result = git("apply", "-", cwd=folder, stdin=("\n".join(lines) + "\n").encode())
    assert result.code == 0, result.err


def session_of(name: str, code: Code, *, unsafe: bool) -> str:
    """The commands that show what a code is about, for its example."""
    select = "" if code.on_by_default else f"--extend-select={name} "
    commands = ["python example.py", f"flake8-pitfalls {select}example.py"]
    if code.good:
        commands += [f"flake8-pitfalls --fix {'--unsafe-fixes ' if unsafe else ''}{select}example.py"]
        commands += ["python example.py"]
    return "".join(f"$ {command}\n" for command in commands)


def transcript_of(name: str) -> Path:
    """Where the session of a code is written down."""
    return TRANSCRIPTS / f"{name.lower()}.txt"


def codes_with_example() -> list[str]:
    """The codes that have an example."""
    return [name for name, code in CODES.items() if code.bad]


def _changes() -> Iterator[tuple[Path, str]]:
    """What has to be written."""
    for name in codes_with_example():
        code = CODES[name]
        for unsafe in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                example = write(Path(folder) / "example.py", code.bad)
                text = played(session_of(name, code, unsafe=unsafe), Path(folder))
                if example.read_text() == (code.good or code.bad):
                    break
        yield transcript_of(name), text
    for name in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            yield DOCS / name, played_page((DOCS / name).read_text(), Path(folder))


def main() -> None:
    """Bring everything up to date, and say what was not."""
    for path, text in _changes():
        if not path.exists() or path.read_text() != text:
            write(path, text)
            print(path.relative_to(DOCS.parent))


if __name__ == "__main__":
    main()
