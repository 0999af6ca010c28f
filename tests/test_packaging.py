"""What is built for distribution, and what is there when the wheel is installed in an environment of its own."""

from __future__ import annotations

import os
import re
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import flake8_pitfalls
from tests.checkout import ROOT, commit_checkout, committed_files, made_once, needs_index, shared_directory
from tests.support import FIXED, PITFALL, Result, git, report, run, write

NAME = f"flake8_pitfalls-{flake8_pitfalls.__version__}"
OUTSIDE = {"PYTHONPATH": ""}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


class Distributions:
    """An sdist, made from the files that git knows, and the wheel made from it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.repository = directory / "repository"
        self.sdist = directory / "dist" / f"{NAME}.tar.gz"
        self.wheel = directory / "dist" / f"{NAME}-py3-none-any.whl"

    def make(self) -> None:
        commit_checkout(self.repository, tag="now")
        clone = self.directory / "clone"
        assert git("clone", "--quiet", str(self.repository), str(clone), cwd=self.directory).code == 0
        built = run(
            *(sys.executable, "-m", "build", "--outdir", str(self.directory / "dist"), str(clone)),
            cwd=self.directory,
            env=OUTSIDE | {"PYTHONDONTWRITEBYTECODE": ""},  # setuptools warns of it
            timeout=300,
        )
        assert built.code == 0, built.text + built.err
        write(self.directory / "build.log", built.text + built.err)

    @property
    def metadata(self) -> Message:
        with zipfile.ZipFile(self.wheel) as wheel:
            return Parser().parsestr(wheel.read(f"{NAME}.dist-info/METADATA").decode())


class Installed:
    """An environment with the wheel and what it depends on, nothing else."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.scripts = directory / ("Scripts" if os.name == "nt" else "bin")

    def make(self, wheel: Path) -> None:
        run_here = {"cwd": self.directory.parent, "env": OUTSIDE, "timeout": 300}
        made = run(sys.executable, "-m", "venv", "--without-pip", str(self.directory), **run_here)  # type: ignore[arg-type]
        assert made.code == 0, made.err
        pip = (sys.executable, "-m", "pip", "--python", str(self.scripts / "python"))
        installed = run(*pip, "install", "--quiet", str(wheel), **run_here)  # type: ignore[arg-type]
        assert installed.code == 0, installed.err

    def run(self, script: str, *arguments: str, cwd: Path, stdin: bytes = b"") -> Result:
        return run(str(self.scripts / script), *arguments, cwd=cwd, stdin=stdin, env=OUTSIDE)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    directory = shared_directory(tmp_path_factory, "built")
    distributions = Distributions(directory)
    with made_once(directory) as wanted:
        if wanted:
            distributions.make()
    return distributions


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, built: Distributions) -> Installed:
    directory = shared_directory(tmp_path_factory, "installed")
    environment = Installed(directory / "venv")
    with made_once(directory) as wanted:
        if wanted:
            environment.make(built.wheel)
    return environment


@needs_index
class TestBuilt:
    def test_they_build_without_warnings_and_pass_the_strict_check(self, built: Distributions) -> None:
        log = (built.directory / "build.log").read_text()
        assert f"Successfully built {built.sdist.name} and {built.wheel.name}" in re.sub(r"\x1b\[\d*m", "", log)
        nothing_to_exclude = r"warning: no previously-included (files|directories) "
        warnings = [line for line in log.splitlines() if re.search(r"^warning:|Warning\b|deprecated", line)]
        assert [line for line in warnings if not re.match(nothing_to_exclude, line)] == []
        check = run(sys.executable, "-m", "twine", "check", "--strict", str(built.sdist), str(built.wheel), cwd=ROOT)
        assert (check.code, check.text.count("PASSED")) == (0, 2)

    def test_the_wheel_is_the_package(self, built: Distributions) -> None:
        ours = {name for name in committed_files(built.repository) if name.startswith("flake8_pitfalls/")}
        assert "flake8_pitfalls/py.typed" in ours
        with zipfile.ZipFile(built.wheel) as wheel:
            names = set(wheel.namelist())
        about = {name for name in names if name.startswith(f"{NAME}.dist-info/")}
        assert names - about == ours
        assert f"{NAME}.dist-info/licenses/LICENSE" in about

    def test_the_sdist_is_the_checkout(self, built: Distributions) -> None:
        with tarfile.open(built.sdist) as sdist:
            names = {member.name.removeprefix(f"{NAME}/") for member in sdist if member.isfile()}
        added = {name for name in names if name in ("PKG-INFO", "setup.cfg") or ".egg-info/" in name}
        assert names - added == committed_files(built.repository)

    def test_the_metadata_are_true(self, built: Distributions) -> None:
        metadata = built.metadata
        assert metadata["Version"] == flake8_pitfalls.__version__
        assert metadata["License-Expression"] == "MIT"
        assert f"flake8-pitfalls: {metadata['Summary']}." == flake8_pitfalls.__doc__
        assert not any("example.org" in value for _, value in metadata.items())


class TestDependencies:
    def oldest(self) -> dict[str, str]:
        """The lower bounds by dependency and marker."""
        found = {}
        for dependency in map(Requirement, PYPROJECT["project"]["dependencies"]):
            (bound,) = dependency.specifier
            assert bound.operator == ">="
            found[f"{dependency.name}; {dependency.marker}"] = bound.version
        return found

    def test_the_lower_bounds_are_those_that_are_tested(self) -> None:
        lines = (ROOT / "tests" / "oldest.txt").read_text().splitlines()
        constraints = [Requirement(line) for line in lines if not line.startswith("#")]
        assert {f"{each.name}; {each.marker}": str(each.specifier) for each in constraints} == {
            name: f"=={version}" for name, version in self.oldest().items()
        }

    def test_each_python_has_one_bound_for_each_dependency(self) -> None:
        classifiers = PYPROJECT["project"]["classifiers"]
        pythons = [version for each in classifiers if (version := each.rpartition(" :: ")[2]).startswith("3.")]
        assert f">={pythons[0]}" == PYPROJECT["project"]["requires-python"]
        for python in pythons:
            chosen = [
                dependency.name
                for dependency in map(Requirement, PYPROJECT["project"]["dependencies"])
                if dependency.marker is None or dependency.marker.evaluate({"python_version": python})
            ]
            assert chosen == ["flake8", "libcst"]


@needs_index
class TestInstalled:
    def test_nothing_but_the_dependencies_is_needed(self, installed: Installed, tmp_path: Path) -> None:
        script = "import importlib.metadata as m; print(*sorted(d.name.lower() for d in m.distributions()))"
        names = set(installed.run("python", "-c", script, cwd=tmp_path).text.split())
        assert {"flake8", "flake8-pitfalls", "libcst"} <= names
        assert not names & {"pytest", "build", "sphinx", "mypy"}

    def test_flake8_lists_the_plugin(self, installed: Installed, tmp_path: Path) -> None:
        result = installed.run("flake8", "--version", cwd=tmp_path)
        assert f"flake8-pitfalls: {flake8_pitfalls.__version__}" in " ".join(result.text.split())

    def test_the_command_and_flake8_report(self, installed: Installed, tmp_path: Path) -> None:
        write(tmp_path / "a.py", PITFALL)
        for script in ("flake8-pitfalls", "flake8"):
            result = installed.run(script, "a.py", cwd=tmp_path)
            assert (result.code, result.err) == (1, "")
            assert result.text.startswith(report("a.py"))
        assert f" {flake8_pitfalls.__version__} " in installed.run("flake8-pitfalls", "--version", cwd=tmp_path).text

    def test_every_formatter_works(self, installed: Installed, tmp_path: Path) -> None:
        formatters = list(PYPROJECT["project"]["entry-points"]["flake8.report"])
        assert {"pitfalls-diff", "pitfalls-fix"} <= set(formatters)
        for name in formatters:
            path = write(tmp_path / "a.py", PITFALL)
            result = installed.run("flake8", f"--format={name}", "a.py", cwd=tmp_path)
            assert result.code == 1
            assert name not in result.text  # flake8 prints the name of a formatter that it doesn't know
            if name == "pitfalls-fix":
                assert path.read_text() == FIXED
            else:
                assert "if seen is None:" in result.text
                assert path.read_text() == PITFALL

    def test_every_module_can_be_imported(self, installed: Installed, tmp_path: Path) -> None:
        modules = list(self.modules())
        assert len(modules) > 10
        script = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
        assert installed.run("python", "-W", "error", "-c", script, *modules, cwd=tmp_path) == (0, b"", "")

    @staticmethod
    def modules() -> Iterator[str]:
        for path in (ROOT / "flake8_pitfalls").rglob("*.py"):
            if path.stem != "__main__":
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
