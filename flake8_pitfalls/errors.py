"""What can go wrong in a way that a user should read about."""

from __future__ import annotations


class CannotAnalyse(Exception):
    """A file can't be analysed; ``reason`` says why, as the end of the sentence "could not be analysed: ..."."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooMuchWork(CannotAnalyse):
    """It would take too long, so that trying it again in another way is no use either."""


def explain_failure(error: BaseException) -> str:
    """Say in one line, without a traceback, why ``error`` kept a file from being analysed."""
    if isinstance(error, CannotAnalyse):
        return one_line(error.reason)
    if isinstance(error, RecursionError):
        return "the code is nested too deeply"
    if isinstance(error, MemoryError):
        return "there is not enough memory, or the code is nested too deeply"
    text = one_line(str(error))
    if isinstance(error, SyntaxError | ValueError | UnicodeError) and "null bytes" in text:
        return "it contains null bytes"
    if isinstance(error, SyntaxError):
        return f"it isn't valid Python ({one_line(str(error.msg))})"
    if type(error).__name__ == "ParserSyntaxError":
        return f"LibCST can't parse it ({text})"
    return f"flake8-pitfalls failed, please report this ({type(error).__name__}: {text})"


def one_line(text: str) -> str:
    """Return ``text`` on one line, cut to a length that fits a report."""
    joined = " ".join(text.split())
    return joined if len(joined) <= 200 else joined[:197] + "..."
