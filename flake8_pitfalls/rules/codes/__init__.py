"""The codes and what they say: ``--explain`` prints it, and the pages of the documentation are made from it.

Texts are reStructuredText without roles, so that they read well in a terminal too. Reporting and fixing don't need
them, so nothing that flake8 loads imports this package.
"""

from __future__ import annotations

from flake8_pitfalls.rules.codes import late_binding, metaclass, mutable_default, pickling
from flake8_pitfalls.rules.codes.code import Code

__all__ = ["CODES", "Code"]

CODES: dict[str, Code] = {
    "PIT000": Code(
        "A file could not be analysed.",
        "The message says why: the code is nested too deeply, one place has more pitfalls than can be followed in "
        "reasonable time, or the analysis itself failed. None of the other codes can be trusted to be absent from such "
        "a file. There is no fix.",
        details=(
            "Files with syntax errors are left to flake8, which reports them as E999. The command flake8-pitfalls ends "
            "with exit code 2 when it reports PIT000, E902 or E999.",
            "A failure of the analysis is a bug of flake8-pitfalls: please report it, with the file if you can.",
        ),
    ),
    **late_binding.CODES,
    **mutable_default.CODES,
    **metaclass.CODES,
    **pickling.CODES,
}
