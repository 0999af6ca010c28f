"""Comments by which people say that a pitfall is meant, for whatever tool."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flake8_pitfalls.fixes.model import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement

_NOQA = re.compile(r"(?i)#\s*(?:(?:ruff|flake8)\s*:\s*)?noqa(?P<codes>\s*:\s*[A-Z][A-Z0-9]*(?:[\s,]+[A-Z][A-Z0-9]*)*)?")

_RUFF = re.compile(r"#\s*ruff\s*:\s*(?P<what>ignore|disable|enable|file-ignore)\s*\[(?P<codes>[^\]]*)\]")


@dataclass(frozen=True)
class Peers:
    """How other tools call the same pitfall."""

    codes: str
    """A regular expression for the codes of flake8 plugins and ruff, ours included, and for ruff's names."""
    pylint: str
    """A regular expression for pylint's names."""
    subject: str
    """What is meant, as the refusal says it: ``the default``."""

    def suppression(self, statement: TopLevelStatement, lines: Iterable[int]) -> Refusal | None:
        """The refusal if a comment on one of these lines says that the pitfall is meant."""
        comments = statement.module.comments
        codes = re.compile(rf"(?i)\b(?:{self.codes}|PIT)\b")
        pylint = re.compile(rf"pylint:\s*disable(?:-next)?\s*=.*\b(?:{self.pylint}|all)\b")
        for line in dict.fromkeys(lines):
            comment = comments.get(line, "")
            noqa = _NOQA.search(comment)
            if noqa is not None and (noqa["codes"] is None or codes.search(noqa["codes"])):
                return Refusal(f"a noqa comment says that {self.subject} is meant")
            if _ruff_ignores(statement.module, line, codes):
                return Refusal(f"a comment for ruff says that {self.subject} is meant")
            above = comments.get(line - 1, "")
            if (pylint.search(comment) and "disable-next" not in comment) or (
                "disable-next" in above and pylint.search(above)
            ):
                return Refusal(f"a pylint comment says that {self.subject} is meant")
        return None


def _ruff_ignores(module: SourceModule, line: int, codes: re.Pattern[str]) -> bool:
    """Whether one of ruff's comments is about some codes on a line: it's there, above, or holds for a block or file."""
    comments = module.comments
    own = _RUFF.search(comments.get(line, ""))
    if own is not None and own["what"] == "ignore" and codes.search(own["codes"]):
        return True
    if "ruff_ranges" not in module.memo:
        found = ((number, _RUFF.search(comment)) for number, comment in comments.items() if "ruff" in comment)
        module.memo["ruff_ranges"] = [(number, comment) for number, comment in found if comment is not None]
    is_off = False
    for number, comment in module.memo["ruff_ranges"]:
        if not codes.search(comment["codes"]):
            continue
        if comment["what"] == "file-ignore":
            return True
        if number < line and comment["what"] == "ignore":
            is_off |= all(above in comments and _stands_alone(module, above) for above in range(number, line))
        elif number < line:
            is_off = comment["what"] == "disable"
    return is_off


def _stands_alone(module: SourceModule, line: int) -> bool:
    start = module.line_starts[line - 1]
    return module.text[start : start + 1000].lstrip(" \t\x0c").startswith("#")
