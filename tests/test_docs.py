"""The documentation shows what really happens."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from flake8_pitfalls.rules.codes import CODES
from tests import comparison, sessions
from tests.support import pitfalls, python, write


@pytest.mark.parametrize("name", sessions.PAGES)
def test_what_a_page_shows_happens(name: str, tmp_path: Path) -> None:
    text = (sessions.DOCS / name).read_text()
    assert "\n   $ " in text
    assert sessions.played_page(text, tmp_path) == text


class TestCodes:
    @pytest.mark.parametrize("name", sessions.codes_with_example())
    def test_the_example_of_a_code_goes_as_written_down(self, name: str, tmp_path: Path) -> None:
        code = CODES[name]
        path = write(tmp_path / "example.py", code.bad)
        shown = sessions.transcript_of(name).read_text()
        commands = re.findall(r"^\$ .*\n", shown, re.MULTILINE)
        assert "".join(commands) in {sessions.session_of(name, code, unsafe=unsafe) for unsafe in (False, True)}
        assert sessions.played(shown, tmp_path) == shown
        assert set(re.findall(r": (PIT\d+) ", shown)) == {name}
        assert path.read_text() == (code.good or code.bad)

    def test_no_transcript_is_left_over(self) -> None:
        expected = {sessions.transcript_of(name) for name in sessions.codes_with_example()}
        assert set(sessions.TRANSCRIPTS.iterdir()) == expected

    @pytest.mark.parametrize("name", [name for name, code in CODES.items() if not code.on_by_default])
    def test_the_example_of_an_optional_code_is_clean_without_it(self, name: str, tmp_path: Path) -> None:
        write(tmp_path / "example.py", CODES[name].bad)
        assert pitfalls("--isolated", "example.py", cwd=tmp_path) == (0, b"", "")

    def test_reporting_and_fixing_do_not_read_the_texts(self, tmp_path: Path) -> None:
        write(tmp_path / "example.py", CODES["PIT201"].bad)
        script = (
            "import sys\n"
            "from flake8.main.cli import main\n"
            "arguments = ['--isolated', '-j1', 'example.py']\n"
            "codes = [main(arguments), main([*arguments, '--format=pitfalls-fix'])]\n"
            "print(codes, [name for name in sys.modules if name.startswith('flake8_pitfalls.rules.codes')])\n"
            "print('flake8_pitfalls.rules.mutable_default.rule' in sys.modules)\n"
        )
        assert python(script, cwd=tmp_path).text.endswith("[1, 1] []\nTrue\n")


class TestComparison:
    """The columns of the others need the others: see ``tests.comparison``."""

    def test_programs_do_what_their_titles_say(self) -> None:
        titles = {path: comparison.title_of(path) for path in sorted(comparison.PROGRAMS.glob("*.py"))}
        assert len(set(titles.values())) == len(titles) > 0
        assert {path for path in titles if comparison.is_right(path)} == {
            path for path, title in titles.items() if title.startswith("Correct")
        }

    def test_our_column_is_true(self) -> None:
        (tool,) = (tool for tool in comparison.TOOLS if tool.name == comparison.OURS)
        ours = comparison.cells(tool, None)
        shown: list[str] = []
        for family in comparison.FAMILIES:
            columns = comparison.recorded(family)
            assert list(columns) == comparison.header(comparison.TOOLS)
            shown += columns[comparison.OURS]
            columns[comparison.OURS] = {name: ours[name] for name in columns[comparison.OURS]}
            assert comparison.program_table(family, columns) == (comparison.TABLES / f"{family}.rst").read_text()
        assert sorted(shown) == sorted(ours)

    def test_we_report_exactly_the_marked_lines_of_the_examples(self) -> None:
        columns = comparison.recorded("examples")
        assert comparison.example_table(columns) == (comparison.TABLES / "examples.rst").read_text()
        # That the marks are true is tested in test_examples.py.
        counts = {path.name: len(comparison.marked_lines(path)) for path in comparison.EXAMPLES.glob("*.py")}
        assert columns[comparison.OURS] == {
            name: f"{count} of {count}" if count else comparison.NOTHING for name, count in counts.items()
        }


COMMENTS_OF_OTHERS = """\
import io
from dataclasses import dataclass

made = []
for n in (1, 2):
    made.append(lambda: n)  # noqa: B023
for n in (1, 2):
    made.append(lambda: n)  # pylint: disable=W0640
for n in (1, 2):
    made.append(n * m for m in (1, 2))  # noqa: B023
one = dict.fromkeys("ab", [])  # noqa: B046
two = dict.fromkeys("ab", [])  # noqa: RUF024


class Table(type):
    pass


class Old:
    __metaclass__ = Table  # noqa: UP001


class New:
    __metaclass__ = type  # pylint: disable=W1623


@dataclass
class Team:
    members: list = []  # noqa: RUF008
    notes: io.StringIO = io.StringIO()  # noqa: RUF009


def write(text, file=io.StringIO()):  # noqa: B008
    file.write(text)


def count(names=[]):  # noqa: B006
    return len(names)


def longest(names=[]):  # pylint: disable=W0102
    return max(names, key=len)
"""


def test_comments_for_other_tools_refuse_the_fix(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", COMMENTS_OF_OTHERS)
    result = pitfalls("--isolated", "--fix", "--unsafe-fixes", "a.py", cwd=tmp_path)
    assert path.read_text() == COMMENTS_OF_OTHERS
    expected = [
        (str(number), comment[1])
        for number, line in enumerate(COMMENTS_OF_OTHERS.splitlines(), 1)
        if (comment := re.search("  # (noqa|pylint)", line))
    ]
    refused = r"^a\.py:(\d+):.* \[not fixed: a (noqa|pylint) comment says that .* is meant\]$"
    assert re.findall(refused, result.text, re.MULTILINE) == expected


def test_the_rule_that_is_added_can_be_explained(tmp_path: Path) -> None:
    sessions.played_page((sessions.DOCS / "adding-a-rule.rst").read_text(), tmp_path)
    result = pitfalls("--explain", "PIT501", cwd=tmp_path)
    assert result.code == 0
    assert result.text.startswith("PIT501: ")


def test_the_pictures_are_what_the_script_draws(tmp_path: Path) -> None:
    names = {path.name for path in (sessions.DOCS / "images").iterdir()}
    script = (
        "import runpy, pathlib, sys\n"
        "drawn = runpy.run_path(sys.argv[1])['pictures']()\n"
        "for name, text in drawn.items():\n"
        "    print(name)\n"
        "    pathlib.Path(name).write_text(text, encoding='utf-8')\n"
    )
    result = python(script, str(sessions.DOCS / "diagrams.py"), cwd=tmp_path)
    assert set(result.text.split()) == names
    for name in names:
        assert (tmp_path / name).read_bytes() == (sessions.DOCS / "images" / name).read_bytes()


@pytest.mark.parametrize(
    ("part", "unknown"),
    [
        ("semantics", ("flake8", "flake8_pitfalls.rules", "flake8_pitfalls.fixes", "flake8_pitfalls.plugin")),
        ("fixes", ("flake8", "flake8_pitfalls.rules", "flake8_pitfalls.plugin", "flake8_pitfalls.formatters")),
        ("rules", ("flake8", "flake8_pitfalls.plugin", "flake8_pitfalls.formatters", "flake8_pitfalls.cli")),
    ],
)
def test_imports_point_one_way(part: str, unknown: tuple[str, ...]) -> None:
    imports = {name for path in (sessions.PACKAGE / part).rglob("*.py") for name in imported(path)}
    assert imports
    assert {name for name in imports if any(f"{name}.".startswith(f"{other}.") for other in unknown)} == set()


def test_families_do_not_know_each_other() -> None:
    folders = [path.parent for path in (sessions.PACKAGE / "rules").glob("*/rule.py")]
    assert len(folders) == 4
    for folder in folders:
        others = tuple(f"flake8_pitfalls.rules.{other.name}." for other in folders if other != folder)
        assert not {name for path in folder.glob("*.py") for name in imported(path) if f"{name}.".startswith(others)}


def imported(path: Path) -> set[str]:
    """The modules that a module imports, wherever it does so."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found
