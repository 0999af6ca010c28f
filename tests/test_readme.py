"""README.rst and the files around it promise what is really there."""

from __future__ import annotations

import configparser
import re
import shlex
import textwrap
from pathlib import Path
from typing import Any

import pytest

import flake8_pitfalls
from flake8_pitfalls.plugin import OPTIONAL_CODES, PitfallsPlugin
from flake8_pitfalls.rules.codes import CODES
from tests.support import pitfalls, run, write

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.rst").read_text()


def blocks(language: str) -> list[str]:
    """The code blocks in a language."""
    pattern = rf"^\.\. code-block:: {language}\n\n((?:(?:   .*)?\n)+)"
    return [textwrap.dedent(block).strip("\n") for block in re.findall(pattern, README + "\n", re.MULTILINE)]


def between(name: str) -> str:
    """The part between two comments."""
    return README.split(f".. {name}: start\n")[1].split(f".. {name}: end\n")[0]


def rows(name: str) -> list[list[str]]:
    """The rows of the simple table in a part, with their continuation lines."""
    lines = between(name).splitlines()
    rules = [number for number, line in enumerate(lines) if line.startswith("==")]
    starts = [match.start() for match in re.finditer("=+", lines[rules[0]])]
    columns = list(zip(starts, [*starts[1:], None], strict=True))
    found: list[list[str]] = []
    for line in lines[rules[1] + 1 : rules[2]]:
        cells = [line[start:end].strip() for start, end in columns]
        if cells[0]:
            found.append(cells)
        else:
            found[-1] = [f"{old} {new}".strip() for old, new in zip(found[-1], cells, strict=True)]
    return found


class Recorder:
    """Takes the place of flake8's option manager."""

    def __init__(self) -> None:
        self.options: dict[str, dict[str, Any]] = {}

    def add_option(self, name: str, **settings: Any) -> None:
        self.options[name] = settings


def plugin_options() -> dict[str, dict[str, Any]]:
    recorder = Recorder()
    PitfallsPlugin.add_options(recorder)  # type: ignore[arg-type]
    return recorder.options


def ci_commands() -> list[str]:
    """The commands that ``.ci/run`` finds in the README."""
    result = run(str(ROOT / ".ci" / "run"), "--commands", cwd=ROOT)
    assert (result.code, result.err) == (0, "")
    return result.text.splitlines()


class TestExample:
    def transcript(self) -> list[tuple[str, list[str]]]:
        text = "\n\n".join(blocks("console"))
        commands = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
        return [(part.splitlines()[0], part.rstrip().splitlines()[1:]) for part in commands]

    def test_it_is_what_the_tool_prints(self) -> None:
        transcript = self.transcript()
        assert len(transcript) == 4
        for command, shown in transcript:
            program, *arguments = shlex.split(command)
            assert program == "flake8-pitfalls"
            result = pitfalls(*arguments, cwd=ROOT)
            lines = (result.text + result.err).splitlines()
            assert [line.rstrip() for line in lines] == [line.rstrip() for line in shown]


class TestCommands:
    def test_ci_runs_the_commands_of_the_readme(self) -> None:
        one_liners = [block for block in blocks("sh") if block.startswith("python3 -m venv")]
        assert len(one_liners) == 2
        assert ci_commands() == one_liners
        assert all("\n" not in command and " && " in command for command in one_liners)

    def test_the_main_command_reports_and_shows_the_diff(self) -> None:
        main = ci_commands()[0]
        used = re.findall(r"\.venv/bin/flake8-pitfalls ([^;]*);", main)
        assert used == ["docs/examples/*.py", "--diff --unsafe-fixes docs/examples/*.py"]
        files = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/examples/*.py"))
        report, diff = (pitfalls(*line.split()[:-1], *files, cwd=ROOT) for line in used)
        assert (report.code, diff.code) == (1, 1)
        assert report.text.count(": PIT") > 0
        assert diff.text.startswith("--- a/docs/examples/")

    def test_extras_exist(self) -> None:
        extras = re.search(
            r"^\[project\.optional-dependencies\]\n((?:.+\n)+)", (ROOT / "pyproject.toml").read_text(), re.M
        )
        assert extras is not None
        assert re.findall(r"^(\w+) = ", extras[1], re.M) == ["test", "docs", "dev"]
        assert "'.[test]'" in ci_commands()[1]


class TestCodes:
    def test_the_table_lists_the_codes(self) -> None:
        expected = [
            [name, "on" if code.on_by_default else "off", code.fixable, code.summary] for name, code in CODES.items()
        ]
        assert rows("codes") == expected

    def test_the_registry_agrees_with_the_plugin(self) -> None:
        assert {name for name, code in CODES.items() if not code.on_by_default} == OPTIONAL_CODES

    @pytest.mark.parametrize("name", CODES)
    def test_a_code_that_can_be_fixed_shows_it(self, name: str) -> None:
        assert bool(CODES[name].good) is (CODES[name].fixable != "no")

    @pytest.mark.parametrize("name", CODES)
    def test_the_options_of_a_code_exist(self, name: str) -> None:
        assert set(CODES[name].options) <= set(plugin_options())


class TestConfiguration:
    def test_the_table_lists_the_options(self) -> None:
        table = {cells[0].strip("`"): cells[1] for cells in rows("options")}
        options = plugin_options()
        assert list(table) == list(options)
        shown = {None: "see the meaning", False: "off", "": "none"}
        assert table == {
            name: shown.get(settings["default"], settings["default"]) for name, settings in options.items()
        }
        assert all(settings["parse_from_config"] for settings in options.values())

    def test_the_documentation_describes_every_option(self) -> None:
        text = (ROOT / "docs" / "configuration.rst").read_text()
        assert re.findall(r"^``(--.*)``$", text, re.MULTILINE) == list(plugin_options())

    @pytest.mark.parametrize("name", [".flake8", "setup.cfg", "tox.ini"])
    def test_the_example_configures_every_option(self, name: str, tmp_path: Path) -> None:
        (block,) = blocks("ini")
        parser = configparser.ConfigParser()
        parser.read_string(block)
        ours = {f"--{key}" for key in parser["flake8"] if key.startswith("pitfalls-")}
        assert ours == set(plugin_options())
        write(tmp_path / name, block)
        write(
            tmp_path / "a.py",
            "import shop.models\n"
            "import numpy as np\n\n\n"
            "def f(a=[], b=np.zeros(3), c=shop.models.Price()):\n"
            "    a.append(1)\n    b.sort()\n    c.append(1)\n",
        )
        write(
            tmp_path / "b.py",
            "import shop.checks\n"
            "from shop import events\n\n\n"
            "def f(names, item):\n"
            "    for name in names:\n"
            "        shop.checks.expect_error(lambda: name)\n"
            "        item.run_in_transaction(lambda: name)\n"
            "        events.at_closing(lambda: name)\n"
            "        item.on_sale(lambda: name)\n"
            "        item.show(lambda: name)\n",
        )
        result = pitfalls("a.py", cwd=tmp_path)
        assert result.err == ""
        assert re.findall(r"(PIT\d+) default (.*?) of", result.text) == [("PIT201", "[]"), ("PIT201", "np.zeros(3)")]
        found = re.findall(r":(\d+):\d+: (PIT\d+) ", pitfalls("b.py", cwd=tmp_path).text)
        assert found == [("9", "PIT101"), ("10", "PIT101"), ("11", "PIT103")]
        assert "*, name=name" in pitfalls("--diff", "b.py", cwd=tmp_path).text


class TestPreCommit:
    def test_the_hooks_exist(self) -> None:
        hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
        existing = re.findall(r"^- id: (\S+)$", hooks, re.MULTILINE)
        assert existing == ["flake8-pitfalls", "flake8-pitfalls-fix"]
        own, _ = blocks("yaml")
        assert sorted(re.findall(r"- id: (\S+)", own)) == existing

    def test_the_version_is_ours(self) -> None:
        versions = re.findall(r"flake8-pitfalls(?:\n +rev: v|@v)([\d.]+)", "\n".join(blocks("yaml")))
        assert versions == [flake8_pitfalls.__version__] * 2

    def test_the_changelog_knows_the_version(self) -> None:
        assert re.search(
            rf"^{re.escape(flake8_pitfalls.__version__)}\b", (ROOT / "docs/CHANGELOG.rst").read_text(), re.M
        )
