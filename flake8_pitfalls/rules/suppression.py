"""Comments by which people say that a pitfall is meant, for whatever tool."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flake8_pitfalls.fixes.model import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flake8_pitfalls.semantics.module import TopLevelStatement

_NOQA = re.compile(r"(?i)#\s*(?:(?:ruff|flake8)\s*:\s*)?noqa(?P<codes>\s*:\s*[A-Z][A-Z0-9]*(?:[\s,]+[A-Z][A-Z0-9]*)*)?")


@dataclass(frozen=True)
class Peers:
    """How other tools call the same pitfall."""

    codes: str
    """A regular expression for the codes of flake8 plugins and ruff, ours included."""
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
            above = comments.get(line - 1, "")
            if (pylint.search(comment) and "disable-next" not in comment) or (
                "disable-next" in above and pylint.search(above)
            ):
                return Refusal(f"a pylint comment says that {self.subject} is meant")
        return None
