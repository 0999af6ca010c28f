"""The page about pull requests: everything on it that can be run is run, with the tools that it names.

reviewdog isn't a Python package, so a stand-in takes its place: it keeps what it's given.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
import textwrap
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import flake8_pitfalls
from flake8_pitfalls.plugin import PitfallsPlugin
from tests.support import Result, git, run, write
from tests.test_rdjson import applied, diagnostics, suggestion_of

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "pull-requests.rst").read_text()
GITHUB = yaml.safe_load((ROOT / "docs" / "workflows" / "github.yml").read_text())
GITLAB = yaml.safe_load((ROOT / "docs" / "workflows" / "gitlab.yml").read_text())

REVIEWDOG = """\
#!/bin/sh
printf '%s\\n' "$@" > arguments.txt
cat > input.txt
"""


def blocks(language: str) -> list[tuple[str, str]]:
    """The captions and texts of the code blocks in a language."""
    pattern = rf"^\.\. code-block:: {language}\n(?:   :caption: (.*)\n)?\n((?:(?:   .*)?\n)+)"
    return [
        (caption, textwrap.dedent(text).strip("\n") + "\n") for caption, text in re.findall(pattern, PAGE, re.MULTILINE)
    ]


def shell(command: str, cwd: Path, **variables: str) -> Result:
    """Run a line of shell script, with the tools of this environment in front."""
    path = os.pathsep.join([str(cwd.parent / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    return run("bash", "-o", "pipefail", "-c", command, cwd=cwd, env={"PATH": path, **variables})


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A clone of the example, on the branch of the pull request."""
    texts = dict(blocks("python"))
    origin = tmp_path / "origin"
    origin.mkdir()
    git("init", "-q", "-b", "main", cwd=origin)
    name = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
    write(origin / "basket.py", texts["basket.py on main"])
    git("add", "basket.py", cwd=origin)
    assert git(*name, "commit", "-qm", "one", cwd=origin).code == 0
    git("clone", "-q", "origin", "clone", cwd=tmp_path)
    clone = tmp_path / "clone"
    git("switch", "-qc", "topic", cwd=clone)
    write(clone / "basket.py", texts["basket.py on topic"])
    assert git(*name, "commit", "-qam", "two", cwd=clone).code == 0
    reviewdog = write(tmp_path / "bin" / "reviewdog", REVIEWDOG)
    reviewdog.chmod(reviewdog.stat().st_mode | stat.S_IXUSR)
    return clone


def given(repository: Path) -> tuple[list[str], bytes]:
    """What reviewdog got: arguments and standard input."""
    return (repository / "arguments.txt").read_text().splitlines(), (repository / "input.txt").read_bytes()


def transcripts() -> list[tuple[str, str]]:
    """The commands of the console blocks, and what the page says they print."""
    text = "\n".join(block for _, block in blocks("console"))
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in parts]


def lines_of(text: str) -> list[str]:
    return sorted(line.rstrip() for line in text.splitlines() if line.strip())


class TestPage:
    def test_the_commands_print_what_it_shows(self, repository: Path) -> None:
        """In any order of lines, since the page shows standard output and standard error together."""
        shown = transcripts()
        assert [command.split()[0] for command, _ in shown] == [
            "diff-quality",
            "graylint",
            "silence-lint-error",
            "flake8-pitfalls",
            "flake8-pitfalls",
        ]
        # The comments that silence-lint-error writes are on the page before the annotations, which are of the file
        # without them.
        for command, expected in shown:
            if command.startswith("flake8-pitfalls --exit-zero"):
                git("checkout", "-q", "--", ".", cwd=repository)
            result = shell(command, repository)
            assert lines_of(result.text + result.err) == lines_of(expected)
            assert result.code == (0 if command.startswith("flake8-pitfalls") else 1)

    def test_only_new_findings_fail(self, repository: Path) -> None:
        """Without the change of the pull request, graylint and diff-quality have nothing to say."""
        gates = [command for command, _ in transcripts() if command.startswith(("graylint", "diff-quality"))]
        assert len(gates) == 2
        write(repository / "basket.py", "# a line more\n" + dict(blocks("python"))["basket.py on main"])
        for command in gates:
            result = shell(command, repository)
            assert result.code == 0
            assert "PIT" not in result.text

    def test_the_diagnostic(self, repository: Path) -> None:
        ((_, shown),) = blocks("json")
        made = diagnostics(shell("flake8-pitfalls --exit-zero --format=pitfalls-rdjson basket.py", repository).out)
        assert len(made) == 3
        assert json.loads(shown) == made[2]

    def test_the_other_commands(self, repository: Path) -> None:
        with_reviewdog, diff, sarif, quality = (command for _, command in blocks("sh"))
        assert shell(with_reviewdog, repository).code == 1  # of flake8
        arguments, data = given(repository)
        assert arguments[0] == "-f=rdjson"
        assert {diagnostic["code"]["value"] for diagnostic in diagnostics(data)} == {"PIT201"}

        assert shell(diff, repository).code == 1
        arguments, data = given(repository)
        assert arguments[:2] == ["-f=diff", "-f.diff.strip=1"]
        assert git("apply", "--check", "-p1", cwd=repository, stdin=data).code == 0

        assert shell(sarif, repository) == (0, b"", "")
        (sarif_run,) = json.loads((repository / "pitfalls.sarif").read_text())["runs"]
        assert [result["ruleId"] for result in sarif_run["results"]] == ["PIT201"] * 3
        places = [result["locations"][0]["physicalLocation"] for result in sarif_run["results"]]
        assert [place["region"]["startLine"] for place in places] == [1, 6, 11]
        assert {place["artifactLocation"]["uri"] for place in places} == {"basket.py"}

        assert shell(quality, repository) == (0, b"", "")
        check_quality(repository)

    def test_options_exist(self) -> None:
        known: list[str] = []

        class Recorder:
            def add_option(self, name: str, **settings: Any) -> None:
                known.append(name)

        PitfallsPlugin.add_options(Recorder())  # type: ignore[arg-type]
        workflows = [path.read_text() for path in (ROOT / "docs" / "workflows").iterdir()]
        used = set(re.findall(r"--pitfalls-[\w-]+", "".join([PAGE, *workflows])))
        assert used
        assert used <= set(known)


def check_quality(folder: Path) -> None:
    """The file has what GitLab needs of an issue, for each finding."""
    text = {"type": "string", "minLength": 1}
    place = {
        "required": ["path", "lines"],
        "properties": {"path": {"const": "basket.py"}, "lines": {"required": ["begin"]}},
    }
    needed = {"description": text, "check_name": text, "fingerprint": text, "location": place}
    severity = {"enum": ["info", "minor", "major", "critical", "blocker"]}
    issue = {"required": [*needed, "severity"], "properties": {**needed, "severity": severity}}
    issues = json.loads((folder / "gl-code-quality-report.json").read_text())
    jsonschema.Draft202012Validator({"type": "array", "items": issue}).validate(issues)
    assert [issue["location"]["lines"]["begin"] for issue in issues] == [1, 6, 11]
    assert all(issue["description"].endswith(" [PIT201]") for issue in issues)
    assert len({issue["fingerprint"] for issue in issues}) == 3


class TestWorkflows:
    def test_the_page_shows_them(self) -> None:
        shown = re.findall(r"^\.\. literalinclude:: (\S+)$", PAGE, re.MULTILINE)
        assert sorted(shown) == sorted(f"workflows/{path.name}" for path in (ROOT / "docs" / "workflows").iterdir())

    def test_they_install_this_version_and_what_they_use(self) -> None:
        """Commands that install aren't run, since the address is an example."""
        steps = GITHUB["jobs"]["pitfalls"]["steps"]
        (install,) = (step["run"] for step in steps if "pip install" in step.get("run", ""))
        assert install.endswith(" graylint")
        quality, suggestions = (GITLAB[name]["before_script"] for name in ("pitfalls", "pitfalls-suggestions"))
        assert quality[0].split()[-2:] == ["flake8-gl-codeclimate", "graylint"]
        for line in (install, quality[0], suggestions[0]):
            assert line.startswith("python -m pip install ")
            assert f"flake8-pitfalls@v{flake8_pitfalls.__version__}" in line

    def test_github(self, repository: Path) -> None:
        job = GITHUB["jobs"]["pitfalls"]
        checkout = next(step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@"))
        assert checkout["with"] == {"fetch-depth": 0}
        suggest, gate = [step["run"] for step in job["steps"] if "run" in step][1:]
        assert shell(suggest, repository) == (0, b"", "")
        self.check_suggestions(repository, "github-pr-review")
        result = shell(gate, repository, GITHUB_BASE_REF="main")
        self.check_gate(result)

    def test_gitlab(self, repository: Path) -> None:
        base = git("rev-parse", "origin/main", cwd=repository).text.strip()
        report, gate = GITLAB["pitfalls"]["script"]
        assert shell(report, repository) == (0, b"", "")
        assert GITLAB["pitfalls"]["artifacts"]["reports"] == {"codequality": "gl-code-quality-report.json"}
        check_quality(repository)
        self.check_gate(shell(gate, repository, CI_MERGE_REQUEST_DIFF_BASE_SHA=base))
        for command in GITLAB["pitfalls-suggestions"]["script"]:
            assert shell(command, repository) == (0, b"", "")
        self.check_suggestions(repository, "gitlab-mr-discussion")

    def check_gate(self, result: Result) -> None:
        assert result.code == 1
        assert re.findall(r"^basket\.py:(\d+):\d+: (PIT\d+) ", result.text, re.MULTILINE) == [
            ("6", "PIT201"),
            ("11", "PIT201"),
        ]

    def check_suggestions(self, repository: Path, reporter: str) -> None:
        """reviewdog gets the format that it's told, with messages that name no lines; they can be applied."""
        arguments, data = given(repository)
        assert arguments[0] == "-f=rdjson"
        assert f"-reporter={reporter}" in arguments
        made = diagnostics(data)
        assert len(made) == 3
        text = (repository / "basket.py").read_bytes()
        for diagnostic in reversed(made):
            assert " line " not in diagnostic["message"]
            text = applied(text, suggestion_of(diagnostic))
        assert text.count(b"basket=None") == text.count(b"        basket = []\n") == 3
