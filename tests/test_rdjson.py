"""The formatter ``pitfalls-rdjson``: reports and suggestions in the Reviewdog Diagnostic Format.

``SCHEMA`` says in our words what the format allows, and is stricter than the published JSON schema: no other properties
than those that are documented, and lines and columns from 1. To validate against the published one as well, set
``RDJSON_SCHEMA`` to the path of ``DiagnosticResult.jsonschema``.
"""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from flake8_pitfalls.fixes.apply import fix_text
from flake8_pitfalls.fixes.source import read_source
from flake8_pitfalls.formatters import analyser
from flake8_pitfalls.options import Options
from flake8_pitfalls.plugin import Linter
from tests.support import CLEAN, FIXED, PITFALL, UNFIXABLE, UNSAFE, flake8, pitfalls, python, write

ROOT = Path(__file__).resolve().parent.parent
FORMAT = ("--isolated", "--format=pitfalls-rdjson")


def an_object(required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


COUNT = {"type": "integer", "minimum": 1}
POSITION = an_object(["line"], line=COUNT, column=COUNT)
RANGE = an_object(["start"], start=POSITION, end=POSITION)
SEVERITY = {"enum": ["ERROR", "WARNING", "INFO"]}
SUGGESTION = an_object(["range", "text"], range=RANGE, text={"type": "string"})
DIAGNOSTIC = an_object(
    ["message", "location", "severity", "code"],
    message={"type": "string", "minLength": 1},
    location=an_object(["path"], path={"type": "string", "minLength": 1}, range=RANGE),
    severity=SEVERITY,
    code=an_object(["value"], value={"type": "string", "pattern": "^[A-Z]+[0-9]+$"}),
    suggestions={"type": "array", "minItems": 1, "maxItems": 1, "items": SUGGESTION},
)
SCHEMA = an_object(
    ["source", "severity", "diagnostics"],
    source=an_object(["name"], name={"type": "string"}),
    severity=SEVERITY,
    diagnostics={"type": "array", "items": DIAGNOSTIC},
)


def diagnostics(data: bytes) -> list[dict[str, Any]]:
    """The diagnostics of an output, which must be one valid object and nothing else."""
    assert data.endswith(b"}\n")
    assert data.isascii()
    result = json.loads(data)
    jsonschema.Draft202012Validator(SCHEMA).validate(result)
    if path := os.environ.get("RDJSON_SCHEMA"):
        jsonschema.Draft4Validator(json.loads(Path(path).read_text())).validate(result)
    assert result["source"] == {"name": "flake8"}
    found: list[dict[str, Any]] = result["diagnostics"]
    return found


def place(diagnostic: dict[str, Any]) -> tuple[Any, ...]:
    """Path, line, column and code."""
    location = diagnostic["location"]
    start = location.get("range", {}).get("start", {})
    return location["path"], start.get("line"), start.get("column"), diagnostic["code"]["value"]


def applied(data: bytes, suggestion: dict[str, Any]) -> bytes:
    """Replace a range as the format defines it: columns in bytes, the end exclusive."""
    lines = data.split(b"\n")
    start, end = (
        sum(len(line) + 1 for line in lines[: position["line"] - 1]) + position["column"] - 1
        for position in (suggestion["range"]["start"], suggestion["range"]["end"])
    )
    return data[:start] + suggestion["text"].encode() + data[end:]


def applied_to_lines(data: bytes, suggestion: dict[str, Any]) -> list[bytes]:
    """Replace whole lines, as GitHub and GitLab do, and return the lines without their ends."""
    lines = data.splitlines()
    first, last = suggestion["range"]["start"]["line"], suggestion["range"]["end"]["line"]
    return [*lines[: first - 1], *suggestion["text"].encode().splitlines(), *lines[last:]]


def suggestion_of(diagnostic: dict[str, Any]) -> dict[str, Any]:
    (suggestion,) = diagnostic["suggestions"]
    assert suggestion["range"]["start"]["column"] == 1
    found: dict[str, Any] = suggestion
    return found


UNICODE = PITFALL.replace("add", "größe").replace("item", "größtes_𐐀")
UNICODE_FIXED = FIXED.replace("add", "größe").replace("item", "größtes_𐐀")
BOM = b"\xef\xbb\xbf"
BYTES = {
    "plain.py": (PITFALL.encode(), FIXED.encode()),
    "crlf.py": (PITFALL.replace("\n", "\r\n").encode(), FIXED.replace("\n", "\r\n").encode()),
    "bom.py": (BOM + PITFALL.encode(), BOM + FIXED.encode()),
    "no_newline.py": (PITFALL.rstrip("\n").encode(), FIXED.rstrip("\n").encode()),
    "one_line.py": (
        b"def f(x=[]): x.append(1)",
        b"def f(x=None): x = [] if x is None else x; x.append(1)",
    ),
    "unicode.py": (UNICODE.encode(), UNICODE_FIXED.encode()),
    "tabs.py": (PITFALL.replace("    ", "\t").encode(), FIXED.replace("    ", "\t").encode()),
    "form_feed.py": (b"a = '\x0c'\n\x0c\n" + PITFALL.encode(), b"a = '\x0c'\n\x0c\n" + FIXED.encode()),
    "separators.py": ("a = '\u2028\x1d'\n".encode() + PITFALL.encode(), "a = '\u2028\x1d'\n".encode() + FIXED.encode()),
    "latin1.py": (
        "# coding: latin-1\ng = 'ä'\n".encode("latin-1") + PITFALL.encode(),
        "# coding: latin-1\ng = 'ä'\n".encode("latin-1") + FIXED.encode(),
    ),
    "deleted.py": (b"class A(B):\n    __metaclass__ = type\n    x = 1\n", b"class A(B):\n    x = 1\n"),
    "deleted_last.py": (b"class A:\n    x = 1\n    __metaclass__ = type\n", b"class A:\n    x = 1\n"),
    "imported.py": (
        b"from typing import List\n" + b"n = 1\n" * 10 + b"def f(x: List[int] = []):\n    x.append(1)\n",
        b"from typing import List\nfrom typing import Optional\n"
        + b"n = 1\n" * 10
        + b"def f(x: Optional[List[int]] = None):\n    if x is None:\n        x = []\n    x.append(1)\n",
    ),
}
"""Files with one finding, and what its fix makes of them."""

NONE = {
    "far.py": (
        b"from typing import List\n" + b"n = 1\n" * 11 + b"def f(x: List[int] = []):\n    x.append(1)\n",
        "the fix changes places that are far apart; the format pitfalls-diff shows it",
    ),
    "return.py": (PITFALL.replace("\n", "\r").encode(), "carriage return only"),
    "latin1_text.py": (
        b"# coding: latin-1\n" + PITFALL.replace("=[]", "=['\xe4']").encode("latin-1"),
        "the encoding of the file is iso-8859-1, that of suggestions is UTF-8",
    ),
    "whole.py": (b"__metaclass__ = type\n", "the fix removes the end of the file"),
    "undecodable.py": (b"s = '\xff'\n" + PITFALL.encode(), "byte 0xff on line 1 isn't valid utf-8"),
    "refused.py": (UNFIXABLE.encode(), "a noqa comment says that the default is meant"),
}
"""Files with one finding and no suggestion, and the reason."""

PLACES = {"bom.py": (1, 23), "form_feed.py": (3, 20), "separators.py": (2, 20), "unicode.py": (1, 34)}
"""Where the finding is, in bytes."""


SEVERAL = [PITFALL.replace("add", name) for name in ("one", "two", "three")]
SEVERAL[1] = SEVERAL[1].replace("):", "):  # noqa: PIT201")

Found = dict[str, list[dict[str, Any]]]
"""The diagnostics of each file."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name, (data, _) in {**BYTES, **NONE}.items():
        write(folder / name, data)
    write(folder / "several.py", "".join(SEVERAL))
    write(folder / "unsafe.py", UNSAFE)
    return folder


def all_of(project: Path, *arguments: str) -> Found:
    result = flake8(*FORMAT, "--select=PIT", "--pitfalls-target-version=3.9", *arguments, cwd=project)
    assert (result.code, result.err) == (1, "")
    by_path: Found = {}
    for diagnostic in diagnostics(result.out):
        by_path.setdefault(Path(diagnostic["location"]["path"]).name, []).append(diagnostic)
    return by_path


@pytest.fixture(scope="module")
def safe(project: Path) -> Found:
    return all_of(project)


@pytest.fixture(scope="module")
def found(project: Path) -> Found:
    return all_of(project, "--pitfalls-unsafe-fixes")


class TestSuggestions:
    @pytest.mark.parametrize("name", BYTES)
    def test_it_does_what_the_fix_does(self, name: str, found: Found) -> None:
        before, after = BYTES[name]
        (diagnostic,) = found[name]
        assert diagnostic["location"]["path"] == f"./{name}"
        suggestion = suggestion_of(diagnostic)
        assert not suggestion["text"].endswith(("\r", "\n"))
        assert applied(before, suggestion) == after
        assert applied_to_lines(before, suggestion) == after.splitlines()

    def test_the_expected_texts_are_what_the_command_writes(self, project: Path, tmp_path: Path) -> None:
        for name, (data, _) in BYTES.items():
            write(tmp_path / name, data)
        done = pitfalls("--fix", "--unsafe-fixes", "--isolated", "--pitfalls-target-version=3.9", cwd=tmp_path)
        assert done.code == 0
        for name, (_, after) in BYTES.items():
            assert (tmp_path / name).read_bytes() == after, name

    @pytest.mark.parametrize("name", NONE)
    def test_there_is_none(self, name: str, found: Found) -> None:
        (diagnostic,) = found[name]
        assert "suggestions" not in diagnostic
        message = diagnostic["message"]
        assert NONE[name][1] in message[message.index(" [no suggestion: ") :]

    @pytest.mark.parametrize("name", PLACES)
    def test_places_count_bytes(self, name: str, found: Found) -> None:
        (diagnostic,) = found[name]
        line, column = place(diagnostic)[1:3]
        assert (line, column) == PLACES[name]
        assert BYTES[name][0].split(b"\n")[line - 1][column - 1 :].startswith(b"[])")

    def test_a_range_is_no_larger_than_needed(self, found: Found) -> None:
        (diagnostic,) = found["plain.py"]
        assert suggestion_of(diagnostic) == {
            "range": {"start": {"line": 1, "column": 1}, "end": {"line": 1, "column": 24}},
            "text": "def add(item, seen=None):\n    if seen is None:\n        seen = []",
        }

    def test_several_findings_in_one_file(self, safe: Found) -> None:
        """Each suggestion fixes one finding, and leaves the others alone, above all those that are suppressed."""
        first, third = safe["several.py"]
        fixed = [FIXED.replace("add", name) for name in ("one", "two", "three")]
        data = "".join(SEVERAL).encode()
        assert applied(data, suggestion_of(first)) == "".join([fixed[0], *SEVERAL[1:]]).encode()
        assert applied(data, suggestion_of(third)) == "".join([*SEVERAL[:2], fixed[2]]).encode()

    def test_unsafe_fixes(self, found: Found, safe: Found) -> None:
        assert safe["plain.py"] == found["plain.py"]
        assert safe["plain.py"][0]["message"].endswith("on line 2")
        (hidden,), (shown,) = safe["unsafe.py"], found["unsafe.py"]
        assert "suggestions" not in hidden
        plain = hidden["message"].split(" [no suggestion: the fix is unsafe")[0]
        assert hidden["message"].endswith("; enable with --pitfalls-unsafe-fixes]")
        assert shown["message"].startswith(f"{plain} [the suggestion is unsafe: ")
        assert "seen: list | None = None" in suggestion_of(shown)["text"]

    def test_a_file_that_only_flake8_can_decode(self, found: Found) -> None:
        """flake8 reads what isn't valid UTF-8 as Latin-1."""
        (diagnostic,) = found["undecodable.py"]
        assert place(diagnostic) == ("./undecodable.py", 2, None, "PIT201")

    def test_a_fix_that_goes_too_far(self, tmp_path: Path) -> None:
        """An annotation changes in all classes that have the method, or in none when one of them was not reported."""
        base = (
            "import abc\n\n\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def m(self, x: list[int] = []): ...\n\n\n"
        )
        write(
            tmp_path / "a.py",
            f"{base}class B(A):\n    def m(self, x: list[int] = []):\n        x.append(1)\n        return x\n",
        )
        both = diagnostics(flake8(*FORMAT, "--select=PIT2", "--pitfalls-unsafe-fixes", cwd=tmp_path).out)
        assert [diagnostic["code"]["value"] for diagnostic in both] == ["PIT202", "PIT201"]
        assert suggestion_of(both[0]) == suggestion_of(both[1])
        (one,) = diagnostics(flake8(*FORMAT, "--select=PIT201", "--pitfalls-unsafe-fixes", cwd=tmp_path).out)
        assert "suggestions" not in one
        assert "[no suggestion: the fix was dropped, since the result would also fix what is" in one["message"]

    def test_suggestions_for_the_examples(self) -> None:
        """Every other program, to save time.

        Findings with one suggestion in common, such as two names of one closure, are fixed by it together.
        """
        folder = ROOT / "docs" / "examples"
        names = sorted(path.name for path in folder.glob("*.py"))[::2]
        made = diagnostics(flake8(*FORMAT, "--select=PIT", "--pitfalls-unsafe-fixes", *names, cwd=folder).out)
        groups: dict[tuple[str, str], set[tuple[str, int, int]]] = {}
        for diagnostic in made:
            if "suggestions" in diagnostic:
                path, line, column, code = place(diagnostic)
                key = (path, json.dumps(suggestion_of(diagnostic)))
                groups.setdefault(key, set()).add((code, line, column - 1))
        linter = Linter(Options(unsafe_fixes=True, optional_codes=frozenset()))
        assert len({path for path, _ in groups}) > len(names) / 2
        for (name, text), wanted in groups.items():
            source = read_source(str(folder / name))
            outcome = fix_text(source.text, wanted, analyser(linter, str(folder / name)), unsafe=True)
            assert (outcome.left, outcome.missing) == ([], [])
            assert applied(source.data, json.loads(text)) == source.encode(outcome.text)
            assert applied_to_lines(source.data, json.loads(text)) == source.encode(outcome.text).splitlines()


class TestReports:
    def test_nothing_to_report(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", CLEAN)
        result = flake8(*FORMAT, cwd=tmp_path)
        assert (result.code, result.err, diagnostics(result.out)) == (0, "", [])

    def test_other_plugins(self, tmp_path: Path) -> None:
        """Their columns are left out where they may be characters or bytes."""
        write(tmp_path / "a.py", "import os\nä = print(os, ö)\n" + PITFALL)
        write(tmp_path / "b.py", CLEAN.replace("seen)", "seen) "))
        write(tmp_path / "bad.py", "def f(:\n")
        arguments = ("--select=PIT,F,W,E9,C9", "--max-complexity=0", "a.py", "b.py", "bad.py", "missing.py")
        result = flake8(*FORMAT, *arguments, cwd=tmp_path)
        made = diagnostics(result.out)
        assert [place(diagnostic) for diagnostic in made] == [
            ("a.py", 2, None, "F821"),
            ("a.py", 3, 1, "C901"),
            ("a.py", 3, 20, "PIT201"),
            ("b.py", 1, 1, "C901"),
            ("b.py", 2, 21, "W291"),
            ("bad.py", 1, 8, "E999"),
            ("missing.py", None, None, "E902"),
        ]
        assert [diagnostic["severity"] for diagnostic in made] == ["WARNING"] * 5 + ["ERROR"] * 2
        assert [diagnostic["code"]["value"] for diagnostic in made if "suggestions" in diagnostic] == ["PIT201"]
        assert made[0]["message"] == "undefined name 'ö'"

    def test_paths(self, tmp_path: Path) -> None:
        names = ["a b.py", "sub/größe.py"]
        for name in names:
            write(tmp_path / name, PITFALL)
        os.symlink("a b.py", tmp_path / "link.py")
        arguments = ("a b.py", "sub", "link.py", "a b.py", "./a b.py")
        made = diagnostics(flake8(*FORMAT, "--select=PIT", *arguments, cwd=tmp_path).out)
        assert [place(diagnostic)[0] for diagnostic in made] == ["./a b.py", "link.py", "sub/größe.py"]

    def test_standard_input(self, tmp_path: Path) -> None:
        data = BOM + PITFALL.replace("\n", "\r\n").encode()
        run = functools.partial(flake8, *FORMAT, "--select=PIT,E9", cwd=tmp_path)
        (diagnostic,) = diagnostics(run("--stdin-display-name=sub/a.py", "-", stdin=data).out)
        assert place(diagnostic) == ("sub/a.py", 1, 23, "PIT201")
        assert applied(data, suggestion_of(diagnostic)) == BOM + FIXED.replace("\n", "\r\n").encode()
        (diagnostic,) = diagnostics(run("-", stdin=b"def f(:\n").out)
        assert place(diagnostic) == ("stdin", 1, 8, "E999")


class TestOutput:
    def test_options_of_flake8(self, tmp_path: Path) -> None:
        """Nothing but the object is printed, and a file holds one object, however often it's written."""
        for number in range(4):
            write(tmp_path / f"a{number}.py", PITFALL)
        run = functools.partial(flake8, *FORMAT, "--select=PIT,F", "--per-file-ignores=a3.py:PIT", cwd=tmp_path)
        plain = run("-j1")
        assert (plain.code, plain.err, len(diagnostics(plain.out))) == (1, "", 3)
        file = tmp_path / "new" / "a.json"
        other = run("-j2", "--exit-zero", "--show-source", "--color=always", f"--output-file={file}")
        assert other == (0, b"", "")
        assert file.read_bytes() == plain.out
        noisy = run("--count", "--statistics", "--benchmark", "--output-file=new/a.json", "--tee")
        assert noisy.out == file.read_bytes() == plain.out
        assert noisy.err.endswith("\n3\n")
        assert "3     PIT201 default" in noisy.err

    def test_the_command(self, tmp_path: Path) -> None:
        """It leaves the other plugins out, but for what kept a file from being checked."""
        write(tmp_path / "a.py", "import os\n" + PITFALL)
        write(tmp_path / "bad.py", b"s = '\xff'\n")
        result = pitfalls(*FORMAT, "--count", cwd=tmp_path)
        assert (result.code, result.err) == (2, "2\n")
        made = diagnostics(result.out)
        assert [place(diagnostic) for diagnostic in made] == [
            ("./a.py", 2, 20, "PIT201"),
            ("./bad.py", 1, None, "PIT000"),
        ]
        assert [diagnostic["severity"] for diagnostic in made] == ["WARNING", "ERROR"]
        assert suggestion_of(made[0])
        assert "[" not in made[1]["message"]

    def test_other_runs_of_flake8_do_not_pay(self, tmp_path: Path) -> None:
        """flake8 imports all formatters; what this one needs comes later."""
        write(tmp_path / "a.py", CLEAN)
        script = (
            "import sys\n"
            "from flake8.main.cli import main\n"
            "assert main(['--isolated', '--select=PIT', 'a.py']) == 0\n"
            "print(*sorted(name for name in sys.modules if name.startswith('flake8_pitfalls')))\n"
        )
        loaded = python(script, cwd=tmp_path).text.split()
        assert "flake8_pitfalls.rdjson" in loaded
        assert "flake8_pitfalls.diagnostics" not in loaded
        assert not [name for name in loaded if name.startswith("flake8_pitfalls.fixes.")]
