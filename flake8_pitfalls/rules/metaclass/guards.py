"""Code that only Python 2 runs, and code that tries whether there's a ``__metaclass__``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_FLAG2, _FLAG3 = (
    r"(?:\w+\.)*(?:IS_|_)?(?:PY2|PYTHON2|py2k?|is_py2)",
    r"(?:\w+\.)*(?:IS_|_)?(?:PY3|PYTHON3|py3k?|is_py3)",
)
_MAJOR, _VERSION = r"(?:sys\.)?version_info(?:\[0\]|\.major)", r"(?:sys\.)?version_info(?:\[:\d\])?"
_PYTHON2 = re.compile(
    rf"{_FLAG2}|not {_FLAG3}|{_MAJOR}(?:==2|<3|!=3|<=2)|"
    rf"{_VERSION}(?:<\(3,(?:0,?)*\)|<=?\(2,[\d,]*\))|str is bytes|bytes is str|"
    rf"(?:2==|3>|2>=){_MAJOR}|"
    r"sys\.version\[0\]==[\"']2[\"']"
)
_PYTHON3 = re.compile(
    rf"{_FLAG3}|not {_FLAG2}|{_MAJOR}(?:==3|>=3|>2|!=2)|{_VERSION}>=\(3,(?:0,?)*\)|str is not bytes|bytes is not str"
)


def is_python2_code(statement: TopLevelStatement, node: cst.CSTNode) -> bool:
    """Whether a node stands in a branch that only Python 2 takes."""
    child: cst.CSTNode = node
    parent = statement.parents.get(node)
    while parent is not None:
        if isinstance(parent, cst.If):
            if child is parent.body and any(_matches(_PYTHON2, statement, test) for test in _conjuncts(parent.test)):
                return True
            if child is parent.orelse and _matches(_PYTHON3, statement, parent.test):
                return True
        child, parent = parent, statement.parents.get(parent)
    return False


def _conjuncts(test: cst.BaseExpression) -> list[cst.BaseExpression]:
    """``a`` and ``b`` of ``a and b``."""
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        return [*_conjuncts(test.left), *_conjuncts(test.right)]
    return [test]


def _matches(pattern: re.Pattern[str], statement: TopLevelStatement, test: cst.BaseExpression) -> bool:
    text = re.sub(r"\s+(?!\w)|(?<!\w)\s+", "", statement.source(test))  # All blanks but those between words.
    return pattern.fullmatch(re.sub(r"\s+", " ", text)) is not None


def is_attempt(statement: TopLevelStatement, node: cst.CSTNode, error: str) -> bool:
    """Whether a node stands in the body of a ``try`` that expects it to fail."""
    child: cst.CSTNode = node
    parent = statement.parents.get(node)
    while parent is not None and not isinstance(parent, (cst.FunctionDef, cst.Lambda)):
        if isinstance(parent, cst.Try) and child is parent.body:
            for handler in parent.handlers:
                caught = statement.source(handler.type) if handler.type is not None else "Exception"
                if re.search(rf"\b(?:{error}|Exception|BaseException)\b", caught):
                    return True
        child, parent = parent, statement.parents.get(parent)
    return False
