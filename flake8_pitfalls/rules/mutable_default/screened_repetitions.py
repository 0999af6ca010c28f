"""Where a text may repeat a display, as ``[[]] * n`` does: most stars multiply something else.

This must not import LibCST.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator

from flake8_pitfalls.rules.page import compiled

_STAR = r"\*(?!\*)(?<!\*\*)(?:(?<=[\])]\*)|(?<=[\])]\s\*)|(?<=\s\s\*)|(?<=\n\*)|(?=\s*[\[(\\#]))"
"""A star next to a bracket, or perhaps next to one on another line."""
_NO_ELEMENT = r"[^\[\](){}A-Za-z_\x80-\U0010ffff]*"
"""Elements that are numbers and the like, which can't be mutable."""
_CLOSING, _OPENING = frozenset("])"), frozenset("[(")
_NO_OPERAND = frozenset("(,=[{:")
"""What stands in front of a star that unpacks."""
_UNKNOWN = frozenset({"#", "\\", ""})
"""What may hide a bracket on another line."""
_WORD = r"\w+\Z"
_PAIRS = {"]": "[", ")": "(", "[": "]", "(": ")"}
_FARTHEST = 400
"""How many characters are looked through for a bracket."""
_MOST_BRACKETS = 8
_UNCLEAR = r"[\"'#]"
"""What may hold brackets that are none."""


def repetitions(text: str) -> Iterator[int]:
    """The offsets of the stars that may repeat a list or tuple with mutable elements."""
    for star in compiled(_STAR).finditer(text):
        offset = star.start()
        before, after = text[offset - 1 : offset], text[offset + 1 : offset + 2]
        if before.isspace():
            space = text[max(0, offset - _FARTHEST) : offset]
            code = space.rstrip()
            before = "#" if "\n" in space[len(code) :] and "#" in code[code.rfind("\n") + 1 :] else code[-1:]
        if after.isspace():
            after = text[offset + 1 : offset + _FARTHEST].lstrip()[:1]
        if _is_repetition(text, offset, before, after):
            yield offset


def _is_repetition(text: str, offset: int, before: str, after: str) -> bool:
    """Whether a display may stand on one side of a star; these are the characters next to it."""
    if before in _UNKNOWN or after in _UNKNOWN:
        return True
    if before in _CLOSING and _may_be_display_before(text, text.rfind(before, 0, offset), before):
        return True
    if after not in _OPENING or before in _NO_OPERAND:
        return False
    return _may_be_display_behind(text, text.find(after, offset), after)


def _may_be_display_before(text: str, closing: int, bracket: str) -> bool:
    """Whether the bracket at an offset may end a display with an element that may be mutable."""
    other = _PAIRS[bracket]
    start = max(0, closing - _FARTHEST)
    depth, position = 1, closing
    for _ in range(_MOST_BRACKETS):
        opening, inner = text.rfind(other, start, position), text.rfind(bracket, start, position)
        position = max(opening, inner)
        if position < 0:
            return True
        depth += 1 if inner > opening else -1
        if not depth:
            inside = text[position + 1 : closing]
            if compiled(_UNCLEAR).search(inside):
                return True
            before = text[position - 1 : position] if position else ""
            if before in _CLOSING or before.isalnum() or before == "_":
                word = compiled(_WORD).search(text, max(0, position - 40), position)
                if word is None or not keyword.iskeyword(word.group()):
                    return False  # A subscript or a call.
            return _may_be_display(inside, bracket)
    return True


def _may_be_display_behind(text: str, opening: int, bracket: str) -> bool:
    other = _PAIRS[bracket]
    end = opening + _FARTHEST
    depth, position = 1, opening
    for _ in range(_MOST_BRACKETS):
        closing, inner = text.find(other, position + 1, end), text.find(bracket, position + 1, end)
        if closing < 0:
            return True
        nested = 0 <= inner < closing
        position = inner if nested else closing
        depth += 1 if nested else -1
        if not depth:
            inside = text[opening + 1 : position]
            return bool(compiled(_UNCLEAR).search(inside)) or _may_be_display(inside, other)
    return True


def _may_be_display(inside: str, bracket: str) -> bool:
    if bracket == ")" and "," not in inside:  # A parenthesis, not a tuple.
        inner = inside.strip()
        return inner[:1] in _OPENING and inner[-1:] in _CLOSING
    return compiled(_NO_ELEMENT).fullmatch(inside) is None
