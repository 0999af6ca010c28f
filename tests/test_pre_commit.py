"""The hooks, run by pre-commit in real repositories; the configurations are those that the documentation shows.

pre-commit installs the hooks with pip, once for all tests.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import flake8_pitfalls
from tests.checkout import ROOT, commit_checkout, made_once, needs_index, shared_directory
from tests.support import CLEAN, FIXED, PITFALL, UNFIXABLE, UNSAFE, Result, report, run, write

pytestmark = needs_index

SHOWN = ROOT / "docs" / "pre-commit"
HOOKS, FLAKE8, UNSAFE_FIXES = (f"{name}.yaml" for name in ("hooks", "flake8", "unsafe"))
VERSION = f"v{flake8_pitfalls.__version__}"

FLAKE8_HOOK = """\
- id: flake8
  name: flake8
  entry: flake8
  language: python
  types: [python]
  require_serial: true
"""
FLAKE8_PROJECT = """\
[project]
name = "flake8-hook"
version = "0"
dependencies = ["flake8=={version}"]

[tool.setuptools]
py-modules = []
"""


class Remotes:
    """The repositories that the configurations name, served from local ones, and an environment to reach them."""

    def __init__(self, directory: Path) -> None:
        self.pitfalls = directory / "remotes" / "git.example.org" / "flake8-pitfalls"
        self.flake8 = directory / "remotes" / "github.com" / "pycqa" / "flake8"
        settings = {
            f"url.{(directory / 'remotes').as_uri()}/.insteadOf": "https://",
            "user.name": "Test",
            "user.email": "test@example.org",
            "commit.gpgsign": "false",
            "core.autocrlf": "false",
        }
        self.environment = {
            "PRE_COMMIT_HOME": str(directory / "home"),
            "PRE_COMMIT_COLOR": "never",
            "PYTHONPATH": "",
            "GIT_CONFIG_COUNT": str(len(settings)),
        }
        for number, (key, value) in enumerate(settings.items()):
            self.environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}

    def make(self) -> None:
        """Commit our checkout, and what stands for flake8's own repository: a hook that installs that version."""
        commit_checkout(self.pitfalls, tag=VERSION)
        revision = re.search(r"rev: (.+)", (SHOWN / FLAKE8).read_text())
        assert revision is not None
        write(self.flake8 / ".pre-commit-hooks.yaml", FLAKE8_HOOK)
        write(self.flake8 / "pyproject.toml", FLAKE8_PROJECT.format(version=revision[1]))
        for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "Hook"], ["tag", revision[1]]):
            assert run("git", *command, cwd=self.flake8, env=self.environment).code == 0


class Project:
    """A repository of a user."""

    def __init__(self, folder: Path, remotes: Remotes) -> None:
        self.folder = folder
        self.remotes = remotes
        self.git("init", "--quiet")

    def run(self, *command: str) -> Result:
        return run(*command, cwd=self.folder, env=self.remotes.environment, timeout=300)  # pip may install the hooks

    def git(self, *arguments: str) -> str:
        result = self.run("git", *arguments)
        assert result.code == 0, result.err
        return result.text

    def pre_commit(self, *arguments: str) -> Result:
        return self.run(sys.executable, "-m", "pre_commit", *arguments)

    def configure(self, name: str, *, more: str = "") -> None:
        """Use a configuration from the documentation."""
        self.stage(".pre-commit-config.yaml", (SHOWN / name).read_text() + more)

    def write(self, name: str, content: str | bytes) -> Path:
        return write(self.folder / name, content)

    def stage(self, name: str, content: str | bytes) -> Path:
        path = self.write(name, content)
        self.git("add", "--", name)
        return path

    def staged(self, name: str) -> str:
        return self.git("show", f":{name}")

    def commit(self) -> Result:
        return self.run("git", "commit", "--message=Change")


@pytest.fixture(scope="session")
def remotes(tmp_path_factory: pytest.TempPathFactory) -> Remotes:
    directory = shared_directory(tmp_path_factory, "pre-commit")
    remotes = Remotes(directory)
    with made_once(directory) as wanted:
        if wanted:
            remotes.make()
    return remotes


@pytest.fixture
def project(tmp_path: Path, remotes: Remotes) -> Project:
    return Project(tmp_path, remotes)


@pytest.fixture
def hooked(project: Project) -> Project:
    """A project with both hooks, which run before each commit."""
    project.configure(HOOKS)
    assert project.pre_commit("install").code == 0
    return project


def outcomes(result: Result) -> dict[str, str]:
    """How each hook ended, by its name."""
    found = re.findall(r"^(\S.*?)\.{3,}(?:\(no files to check\))?(Passed|Failed|Skipped)$", result.text, re.MULTILINE)
    assert found, result.text + result.err
    return dict(found)


BOTH_PASS = {"flake8-pitfalls --fix": "Passed", "flake8-pitfalls": "Passed"}
BOTH_FAIL = dict.fromkeys(BOTH_PASS, "Failed")
BOTH_SKIPPED = dict.fromkeys(BOTH_PASS, "Skipped")
FIXING_FAILS = BOTH_PASS | {"flake8-pitfalls --fix": "Failed"}


def test_try_repo_on_this_checkout(project: Project) -> None:
    path = project.stage("a.py", PITFALL)
    result = project.pre_commit("try-repo", str(project.remotes.pitfalls), "--all-files")
    assert result.code == 1
    assert outcomes(result) == BOTH_FAIL
    assert re.findall(r"^- (hook id: .*|exit code: .*|files were .*)$", result.text, re.MULTILINE) == [
        "hook id: flake8-pitfalls",
        "exit code: 1",
        "hook id: flake8-pitfalls-fix",
        "files were modified by this hook",
    ]
    assert report("a.py") in result.text
    assert path.read_text() == FIXED


def test_our_files_are_valid(project: Project) -> None:
    assert project.pre_commit("validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")) == (0, b"", "")
    configurations = [ROOT / ".pre-commit-config.yaml", *SHOWN.glob("*.yaml")]
    assert len(configurations) > 1
    assert project.pre_commit("validate-config", *map(str, configurations)) == (0, b"", "")


class TestCommit:
    def test_it_fails_once_and_passes_when_the_fix_is_added(self, hooked: Project) -> None:
        path = hooked.stage("a.py", PITFALL)
        first = hooked.commit()
        assert first.code == 1
        assert "files were modified by this hook" in first.err
        assert "fixed 1 finding (1 safe, 0 unsafe) in 1 file" in first.err
        assert (path.read_text(), hooked.staged("a.py")) == (FIXED, PITFALL)
        hooked.git("add", "--update")
        assert hooked.commit().code == 0
        assert hooked.git("show", "HEAD:a.py") == FIXED
        assert hooked.git("status", "--porcelain") == ""

    def test_it_fails_until_what_cannot_be_fixed_is_dealt_with(self, hooked: Project) -> None:
        path = hooked.stage("a.py", UNFIXABLE)
        result = hooked.commit()
        assert result.code == 1
        assert result.err.count("exit code: 1") == 2
        assert "files were modified" not in result.err
        assert "[not fixed: " in result.err
        assert path.read_text() == UNFIXABLE
        hooked.stage("a.py", UNFIXABLE.replace("B006", "PIT201"))
        assert hooked.commit().code == 0

    def test_unsafe_fixes_are_for_those_who_ask(self, hooked: Project) -> None:
        path = hooked.stage("a.py", UNSAFE)
        hooked.stage("tests/b.py", UNSAFE)
        assert outcomes(hooked.pre_commit("run")) == BOTH_FAIL
        assert path.read_text() == UNSAFE
        hooked.configure(UNSAFE_FIXES)
        assert hooked.commit().code == 1
        assert path.read_text() != UNSAFE
        assert hooked.git("diff", "--name-only") == "a.py\n"
        hooked.git("add", "--update")
        assert hooked.commit().code == 0

    def test_a_file_that_cannot_be_parsed(self, hooked: Project) -> None:
        path = hooked.stage("a.py", "def f(:\n")
        result = hooked.commit()
        assert result.code == 1
        assert result.err.count("exit code: 2") == 2
        assert "E999" in result.err
        assert path.read_text() == "def f(:\n"

    def test_nothing_to_check(self, hooked: Project) -> None:
        for result in (hooked.pre_commit("run"), hooked.pre_commit("run", "--all-files")):
            assert (result.code, outcomes(result)) == (0, BOTH_SKIPPED)
        hooked.write("untracked.py", PITFALL)
        hooked.stage("a.pyi", PITFALL)
        hooked.stage("a.txt", PITFALL)
        result = hooked.pre_commit("run")
        assert (result.code, outcomes(result)) == (0, BOTH_SKIPPED)
        assert (hooked.folder / "untracked.py").read_text() == PITFALL


class TestPartiallyStaged:
    ELSEWHERE = "\n\n\n\n\ndef later(names=[]):\n    return names.pop()\n"
    """A pitfall further down, that git sees as a change of its own."""

    GAP = "\n\n" + "# more\n" * 10

    def test_what_is_not_staged_is_neither_fixed_nor_lost(self, hooked: Project) -> None:
        path = hooked.stage("a.py", PITFALL + self.GAP)
        path.write_text(PITFALL + self.GAP + self.ELSEWHERE)
        other = hooked.stage("b.py", CLEAN)
        other.write_text(PITFALL)
        hooked.write("untracked.py", PITFALL)
        result = hooked.pre_commit("run")
        assert (result.code, outcomes(result)) == (1, FIXING_FAILS)
        assert path.read_text() == FIXED + self.GAP + self.ELSEWHERE
        assert other.read_text() == PITFALL
        assert (hooked.staged("a.py"), hooked.staged("b.py")) == (PITFALL + self.GAP, CLEAN)

    def test_the_fix_can_be_staged_alone(self, hooked: Project) -> None:
        path = hooked.stage("a.py", PITFALL + self.GAP)
        path.write_text(PITFALL + self.GAP + self.ELSEWHERE)
        assert hooked.commit().code == 1
        hooked.stage("a.py", FIXED + self.GAP)
        path.write_text(FIXED + self.GAP + self.ELSEWHERE)
        assert hooked.commit().code == 0
        assert hooked.git("show", "HEAD:a.py") == FIXED + self.GAP
        assert path.read_text() == FIXED + self.GAP + self.ELSEWHERE

    def test_a_fix_that_meets_a_change_is_taken_back(self, hooked: Project) -> None:
        path = hooked.stage("a.py", PITFALL)
        edited = PITFALL.replace("seen=[]", "seen=[], *, twice=False")
        path.write_text(edited)
        result = hooked.pre_commit("run")
        assert (result.code, outcomes(result)) == (1, FIXING_FAILS)
        assert "Rolling back fixes" in result.text + result.err
        assert (path.read_text(), hooked.staged("a.py")) == (edited, PITFALL)


class TestFiles:
    @pytest.mark.parametrize("more", ["", "        require_serial: false\n"], ids=["shipped", "parallel"])
    def test_many(self, project: Project, more: str) -> None:
        configuration = (SHOWN / HOOKS).read_text()
        fixing = "      - id: flake8-pitfalls-fix\n"
        assert fixing in configuration
        project.stage(".pre-commit-config.yaml", configuration.replace(fixing, fixing + more))
        names = [f"package{number % 7}/module{number}.py" for number in range(200)]
        for number, name in enumerate(names):
            project.write(name, PITFALL + f"# {number}\n" * number)
        project.git("add", ".")
        result = project.pre_commit("run", "flake8-pitfalls-fix", "--all-files")
        assert (result.code, outcomes(result)) == (1, {"flake8-pitfalls --fix": "Failed"})
        fixed = [int(number) for number in re.findall(r": fixed (\d+) findings? ", result.text)]
        assert sum(fixed) == 200
        assert len(fixed) == 1 or more
        for number, name in enumerate(names):
            assert (project.folder / name).read_text() == FIXED + f"# {number}\n" * number
        status = project.git("status", "--porcelain", "--untracked-files=all").splitlines()
        assert sorted(status) == sorted(["A  .pre-commit-config.yaml", *(f"AM {name}" for name in names)])

    def test_line_ends_and_names_stay(self, hooked: Project) -> None:
        names = ["my module.py", "größe.py", "数.py", "it's.py", "a;b.py", "$HOME.py"]
        for name in names:
            hooked.stage(name, PITFALL.replace("\n", "\r\n").encode())
        result = hooked.pre_commit("run")
        assert (result.code, outcomes(result)) == (1, FIXING_FAILS)
        for name in names:
            assert (hooked.folder / name).read_bytes() == FIXED.replace("\n", "\r\n").encode()
        assert {entry.name for entry in hooked.folder.iterdir()} == {".git", ".pre-commit-config.yaml", *names}

    def test_a_script_without_a_suffix(self, hooked: Project) -> None:
        path = hooked.write("tool", "#!/usr/bin/env python3\n" + PITFALL)
        path.chmod(0o755)
        hooked.git("add", "tool")
        assert outcomes(hooked.pre_commit("run")) == FIXING_FAILS
        assert path.read_text() == "#!/usr/bin/env python3\n" + FIXED
        assert path.stat().st_mode & 0o777 == 0o755


class TestFlake8Hook:
    def test_it_reports_ours_with_the_others(self, project: Project) -> None:
        project.configure(FLAKE8)
        project.stage("a.py", "import os\n\n\n" + PITFALL)
        result = project.pre_commit("run")
        assert (result.code, outcomes(result)) == (1, {"flake8": "Failed"})
        assert re.findall(r"^a\.py:(\d+:\d+: \w+) ", result.text, re.MULTILINE) == ["1:1: F401", "4:20: PIT201"]
        project.stage("a.py", CLEAN)
        assert outcomes(project.pre_commit("run")) == {"flake8": "Passed"}

    def test_it_can_fix(self, project: Project) -> None:
        project.configure(FLAKE8, more="        args: [--format=pitfalls-fix]\n")
        path = project.stage("a.py", PITFALL)
        assert outcomes(project.pre_commit("run")) == {"flake8": "Failed"}
        assert path.read_text() == FIXED
        project.git("add", "--update")
        assert outcomes(project.pre_commit("run")) == {"flake8": "Passed"}


class TestDocumentation:
    def test_the_readme_shows_the_configurations(self) -> None:
        readme = (ROOT / "README.rst").read_text()
        part = readme.split(".. pre-commit: start\n")[1].split(".. pre-commit: end\n")[0]
        for name in (HOOKS, FLAKE8):
            indented = "".join(f"   {line}" for line in (SHOWN / name).read_text().splitlines(keepends=True))
            assert f".. code-block:: yaml\n\n{indented}\n" in part

    def test_the_page_includes_each_configuration(self) -> None:
        page = (ROOT / "docs" / "pre-commit.rst").read_text()
        included = re.findall(r"^\.\. literalinclude:: pre-commit/(.*)$", page, re.MULTILINE)
        assert sorted(included) == sorted(path.name for path in SHOWN.iterdir())

    def test_the_configurations_name_this_version(self) -> None:
        for path in SHOWN.iterdir():
            revisions = re.findall(r"flake8-pitfalls(?:\n +rev: |@)(.+?)\"?\]?$", path.read_text(), re.MULTILINE)
            assert revisions == [VERSION]
