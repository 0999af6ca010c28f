"""The plugin inside flake8: options, selection, suppression, and what it costs."""

from __future__ import annotations

import argparse
import ast
import sys
from pathlib import Path

import pytest

from flake8_pitfalls.options import Options
from flake8_pitfalls.plugin import OPTIONAL_CODES, Linter, PitfallsPlugin, optional_codes
from flake8_pitfalls.target import lower_bound, parse_version, target_version_for
from tests.support import CLEAN, PITFALL, flake8, pitfalls, python, report, run, write


def codes(text: str) -> list[str]:
    return [line.split()[1] for line in text.splitlines()]


ONLY_OURS = "--select=PIT"


def test_flake8_finds_the_plugin(tmp_path: Path) -> None:
    assert "flake8-pitfalls: 0." in flake8("--version", cwd=tmp_path).text


def test_a_report(tmp_path: Path) -> None:
    write(tmp_path / "a.py", PITFALL)
    result = flake8(ONLY_OURS, "a.py", cwd=tmp_path)
    assert result.code == 1
    assert result.text.startswith(report("a.py"))


def test_on_by_default_beside_the_others(tmp_path: Path) -> None:
    write(tmp_path / "a.py", "import os\n\n\n" + PITFALL)
    assert {"F401", "PIT201"} <= set(codes(flake8("a.py", cwd=tmp_path).text))


@pytest.mark.parametrize("command", [flake8, pitfalls], ids=["flake8", "flake8-pitfalls"])
class TestSelection:
    """flake8 and the command decide alike."""

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", PITFALL)
        write(tmp_path / "sub/b.py", PITFALL)

    @pytest.mark.parametrize(
        ("arguments", "names"),
        [
            (["--select=PIT"], ["a.py", "sub/b.py"]),
            (["--select=PIT201"], ["a.py", "sub/b.py"]),
            (["--select=PIT202"], []),
            (["--select=E", "--extend-select=PIT20"], ["a.py", "sub/b.py"]),
            (["--select=PIT", "--ignore=PIT2"], []),
            (["--select=PIT2", "--ignore=PIT"], ["a.py", "sub/b.py"]),
            (["--select=PIT", "--extend-ignore=PIT201"], []),
            (["--select=PIT", "--per-file-ignores=sub/*:PIT201"], ["a.py"]),
            (["--select=PIT", "--exclude=sub"], ["a.py"]),
            (["--select=PIT", "--extend-exclude=a.py"], ["sub/b.py"]),
            (["--select=PIT", "--filename=*b.py"], ["sub/b.py"]),
            (["--select=PIT", "-j", "2"], ["a.py", "sub/b.py"]),
        ],
        ids=" ".join,
    )
    def test_command_line(self, tmp_path: Path, command, arguments: list[str], names: list[str]) -> None:
        result = command(*arguments, cwd=tmp_path)
        assert [line.split(":")[0] for line in result.text.splitlines()] == [f"./{name}" for name in names]
        assert result.code == (1 if names else 0)

    @pytest.mark.parametrize("name", ["setup.cfg", "tox.ini", ".flake8"])
    def test_configuration_files(self, tmp_path: Path, command, name: str) -> None:
        write(tmp_path / name, "[flake8]\nselect = PIT\nper-file-ignores =\n    sub/*: PIT201\n")
        assert [line.split(":")[0] for line in command(cwd=tmp_path).text.splitlines()] == ["./a.py"]
        assert command("--isolated", "--select=PIT", cwd=tmp_path).text.count("PIT201") == 2

    @pytest.mark.parametrize(
        ("comment", "count"),
        [("# noqa", 0), ("# noqa: PIT201", 0), ("# NOQA:E501,PIT2", 0), ("# noqa: B006", 1), ("# noqa: PIT202", 1)],
    )
    def test_noqa(self, tmp_path: Path, command, comment: str, count: int) -> None:
        path = write(tmp_path / "c.py", PITFALL.replace("):", f"):  {comment}"))
        assert command("--select=PIT", "c.py", cwd=tmp_path).text.count("PIT201") == count
        assert command("--select=PIT", "--disable-noqa", "c.py", cwd=tmp_path).text.count("PIT201") == 1
        write(path, f"# flake8: noqa\n{PITFALL}")
        assert command("--select=PIT", "c.py", cwd=tmp_path).code == 0

    def test_noqa_at_the_end_of_a_multi_line_string(self, tmp_path: Path, command) -> None:
        text = 'def add(item, seen=[], text="""\n"""):  # noqa: PIT201\n    seen.append(item)\n    return len(seen)\n'
        write(tmp_path / "c.py", text)
        assert command("--select=PIT", "c.py", cwd=tmp_path).out == b""
        write(tmp_path / "c.py", text.replace("# noqa", "# note"))
        assert command("--select=PIT", "c.py", cwd=tmp_path).text.count("PIT201") == 1


class TestOptions:
    def parse(self, tmp_path: Path, *arguments: str) -> Options:
        """Return what a real run of flake8 makes of options, in the configuration file or on the command line."""
        script = (
            "import sys, flake8.main.application as a\n"
            "from flake8_pitfalls.plugin import PitfallsPlugin\n"
            "app = a.Application(); app.initialize(sys.argv[1:])\n"
            "print(repr(PitfallsPlugin.linter.options))\n"
        )
        result = python(script, *arguments, cwd=tmp_path)
        assert result.code == 0, result.err
        return eval(result.text, {"Options": Options, "frozenset": frozenset})

    def test_defaults(self, tmp_path: Path) -> None:
        assert self.parse(tmp_path) == Options(optional_codes=frozenset())

    expected = Options(
        optional_codes=frozenset(),
        target_version=(3, 12),
        unsafe_fixes=True,
        stable_messages=True,
        extend_mutable_calls=frozenset({"a.b", "c"}),
        extend_immutable_calls=frozenset({"d.e"}),
        consuming_callees=frozenset({"f", "g.h"}),
        retaining_callees=frozenset({"i"}),
        closure_fix="factory",
    )

    def test_command_line(self, tmp_path: Path) -> None:
        found = self.parse(
            tmp_path,
            "--pitfalls-target-version=3.12",
            "--pitfalls-unsafe-fixes",
            "--pitfalls-stable-messages",
            "--pitfalls-extend-mutable-calls=a.b,c",
            "--pitfalls-extend-immutable-calls=d.e",
            "--pitfalls-consuming-callees=f,g.h",
            "--pitfalls-retaining-callees=i",
            "--pitfalls-closure-fix=factory",
        )
        assert found == self.expected

    @pytest.mark.parametrize("dash", ["-", "_"])
    def test_configuration_file(self, tmp_path: Path, dash: str) -> None:
        settings = (
            "pitfalls-target-version = 3.12\npitfalls-unsafe-fixes = true\npitfalls-stable-messages = True\n"
            "pitfalls-extend-mutable-calls =\n    a.b,\n    c\npitfalls-extend-immutable-calls = d.e\n"
            "pitfalls-consuming-callees = f, g.h\npitfalls-retaining-callees = i\npitfalls-closure-fix = factory\n"
        )
        lines = [line.replace("-", dash) if "=" in line else line for line in settings.splitlines()]
        write(tmp_path / ".flake8", "[flake8]\n" + "\n".join(lines))
        assert self.parse(tmp_path) == self.expected
        assert self.parse(tmp_path, "--pitfalls-target-version=3.14").target_version == (3, 14)


class TestTargetVersion:
    @pytest.mark.parametrize(
        ("specifier", "bound"),
        [
            (">=3.9", (3, 9)),
            (" >= 3.10 , <4 ", (3, 10)),
            ("<4,>=3.8.1", (3, 8)),
            (">3.9", (3, 9)),
            ("~=3.11.2", (3, 11)),
            ("==3.12.*", (3, 12)),
            ("===3.12.1", (3, 12)),
            (">=3", (3, 0)),
            (">=3.8,>=3.10,!=3.9.*", (3, 10)),
            (">=3.13rc1", (3, 13)),
            ("<4", None),
            ("!=3.9.*", None),
            ("^3.9", None),
            ("", None),
        ],
    )
    def test_lower_bound(self, specifier: str, bound: tuple[int, int] | None) -> None:
        assert lower_bound(specifier) == bound

    @pytest.mark.parametrize("text", ["3", "2.7", "311", "3.x", "3.1.1", "", "three", "3.-1", "3.\u0661"])
    def test_wrong_versions(self, text: str) -> None:
        with pytest.raises(ValueError, match="is not a Python version"):
            parse_version(text)

    def test_nearest_project(self, tmp_path: Path) -> None:
        write(tmp_path / "pyproject.toml", '[project]\nrequires-python = ">=3.12"\n')
        write(tmp_path / "inner/pyproject.toml", '[project]\nrequires-python = ">=3.13,<4"\n')
        write(tmp_path / "other/pyproject.toml", "[tool.x]\n")
        write(tmp_path / "broken/pyproject.toml", "[[[")
        places = {"a.py": (3, 12), "deep/er/a.py": (3, 12), "inner/x/a.py": (3, 13), "other/a.py": (3, 10)}
        for name, version in {**places, "broken/a.py": (3, 10)}.items():
            assert target_version_for(str(tmp_path / name)) == version

    def test_no_project(self, tmp_path: Path) -> None:
        assert target_version_for(str(tmp_path / "a.py")) == (3, 10)


class TestOptionalCodes:
    """Codes that are off by default."""

    @pytest.mark.parametrize(
        ("selected", "enabled"),
        [
            ([], set()),
            (["PIT"], set()),
            (["PIT1", "PIT3", "PIT4"], set()),
            (["PIT10"], {"PIT103"}),
            (["E", "PIT305"], {"PIT305"}),
            (["PIT403", "PIT103"], {"PIT403", "PIT103"}),
            (["PIT2"], set()),
        ],
    )
    def test_a_prefix_longer_than_the_family_enables_them(self, selected: list[str], enabled: set[str]) -> None:
        assert optional_codes(selected) == enabled
        linter = Linter(optional_codes=optional_codes(selected))
        assert {code for code in OPTIONAL_CODES if linter.emits(code)} == enabled
        assert linter.emits("PIT201")

    def test_both_select_options_count(self) -> None:
        common = {f"pitfalls_{name}": None for name in Options._fields}
        for select, extend in ((["PIT103"], None), (None, ["PIT103"])):
            namespace = argparse.Namespace(**common, select=select, extend_select=extend)
            assert Linter.from_namespace(namespace).optional_codes == {"PIT103"}


class TestCost:
    """LibCST is expensive to import, and most files don't need it."""

    script = (
        "import sys\n"
        "from flake8.main.cli import main\n"
        "code = main(['--select=PIT', '-j1', 'a.py'])\n"
        "print(code, 'libcst' in sys.modules)\n"
    )

    def test_a_clean_file_does_not_import_libcst(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", "import os\n\n\ndef f(x=None):\n    return os.path.join('a', x)\n")
        assert python(self.script, cwd=tmp_path).text.splitlines()[-1] == "0 False"

    def test_a_file_with_a_pitfall_does(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", PITFALL)
        assert python(self.script, cwd=tmp_path).text.splitlines()[-1] == "1 True"

    def test_importing_the_plugin_is_cheap(self, tmp_path: Path) -> None:
        script = (
            "import sys, flake8.main.cli, flake8.formatting.default\n"
            "before = set(sys.modules)\n"
            "import flake8_pitfalls.plugin, flake8_pitfalls.formatters, flake8_pitfalls.rdjson\n"
            "print(*sorted(name for name in set(sys.modules) - before if 'pitfalls' not in name))\n"
        )
        assert python(script, cwd=tmp_path).text.split() == []


class TestFailures:
    """What goes wrong inside becomes one report; an exception would stop flake8."""

    @pytest.mark.parametrize(
        ("failure", "reason"),
        [
            ("RecursionError('deep')", "the code is nested too deeply"),
            ("MemoryError()", "not enough memory"),
            ("KeyError('x')", "please report this (KeyError: 'x')"),
            ("CannotAnalyse('the moon\\nis full')", "could not be analysed: the moon is full"),
            ("SyntaxError('odd')", "it isn't valid Python (odd)"),
            ("type('PanicException', (BaseException,), {})('overflow')", "(PanicException: overflow)"),
        ],
    )
    def test_any_exception_becomes_a_report(self, tmp_path: Path, failure: str, reason: str) -> None:
        write(tmp_path / "a.py", PITFALL)
        script = (
            "import sys, flake8_pitfalls.rules\n"
            "from flake8_pitfalls.errors import CannotAnalyse\n"
            f"def analyse(*a): raise {failure}\n"
            "flake8_pitfalls.rules.analyse = analyse\n"
            "from flake8.main.cli import main\n"
            "sys.exit(main(['--select=PIT', '-j1', 'a.py']))\n"
        )
        result = python(script, cwd=tmp_path)
        assert result.code == 1
        (line,) = result.text.splitlines()
        assert line.startswith("a.py:1:1: PIT000 this file could not be analysed: ")
        assert reason in line

    def test_an_interruption_is_not_swallowed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("flake8_pitfalls.screen.candidates", interrupt)
        with pytest.raises(KeyboardInterrupt):
            list(PitfallsPlugin(ast.parse(PITFALL), "a.py", [PITFALL]).run())


def test_python_m(tmp_path: Path) -> None:
    """The installed script and ``python -m`` are the same command."""
    write(tmp_path / "a.py", CLEAN)
    script = Path(sys.executable).with_name("flake8-pitfalls")
    if not script.exists():
        pytest.skip("the package isn't installed")
    assert run(str(script), "a.py", cwd=tmp_path) == pitfalls("a.py", cwd=tmp_path)
