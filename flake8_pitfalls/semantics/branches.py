"""Runs statements with several ways through them: ``if``, ``match``, ``try`` and ``with``."""

from __future__ import annotations

import libcst as cst

from flake8_pitfalls.semantics.simple import SimpleStatements
from flake8_pitfalls.semantics.store import Store, joined
from flake8_pitfalls.semantics.values import OTHER, Shared, Value


class Branches(SimpleStatements):
    """Runs each way through a branch, and joins what they leave."""

    def _if(self, node: cst.If) -> bool:
        """An ``elif`` chain is run in a loop: it may be thousands of branches long."""
        after: Store | None = None
        current: cst.If | cst.Else | None = node
        while isinstance(current, cst.If):
            self.evaluate(current.test)
            before = self.store
            path = self.refined(current.test, before, True)
            if path is not None:
                self.store = path.copy()
                if self.run_block(current.body.body):
                    after = joined(after, self.store)
            rest = self.refined(current.test, before, False)
            if rest is None:
                return self.continue_with(after, before)
            self.store = rest.copy()
            current = current.orelse
        if current is None or self.run_block(current.body.body):
            after = joined(after, self.store)
        return self.continue_with(after, self.store)

    def continue_with(self, after: Store | None, otherwise: Store) -> bool:
        """Go on with the store that the paths left, if any of them reaches the end."""
        self.store = otherwise if after is None else after.copy()
        return after is not None

    def _match(self, node: cst.Match) -> bool:
        subject = self.evaluate(node.subject)
        before = self.store
        after: Store | None = None
        exhaustive = False
        for case in node.cases:
            if exhaustive or not self._may_match(case.pattern, subject):
                continue
            exhaustive = case.guard is None and _matches_all(case.pattern)
            self.store = before.copy()
            self._pattern(case.pattern, subject)
            if case.guard is not None:
                self.evaluate(case.guard)
            if self.run_block(case.body.body):
                after = joined(after, self.store)
        exhaustive = exhaustive or self._empty_is_matched(node, subject)
        return self.continue_with(after if exhaustive else joined(after, before), before)

    def _empty_is_matched(self, node: cst.Match, subject: Value) -> bool:
        """Whether an empty list as the subject surely meets a ``case []``."""
        level = self.followed.levels[0]
        return (
            self.is_exactly(subject, length=0)
            and level.kind == "builtins.list"
            and any(
                isinstance(case.pattern, cst.MatchList) and not case.pattern.patterns and case.guard is None
                for case in node.cases
            )
        )

    def _may_match(self, pattern: cst.MatchPattern, subject: Value) -> bool:
        """Whether the followed object can match: ``case None`` never does, ``case []`` only if it's empty."""
        if subject != frozenset({Shared()}):
            return True
        level = self.followed.levels[0]
        if isinstance(pattern, cst.MatchSingleton):
            return False
        if isinstance(pattern, (cst.MatchList, cst.MatchTuple)) and level.length is not None:
            stars = any(isinstance(element, cst.MatchStar) for element in pattern.patterns)
            count = len(pattern.patterns) - stars
            return level.length >= count if stars else level.length == count
        return True

    def _pattern(self, pattern: cst.MatchPattern, value: Value) -> None:
        """Bind the names that a pattern captures."""
        if isinstance(pattern, cst.MatchAs):
            if pattern.pattern is not None:
                self._pattern(pattern.pattern, value)
            if pattern.name is not None:
                self.bind(pattern.name, value)
        elif isinstance(pattern, cst.MatchOr):
            for choice in pattern.patterns:
                self._pattern(choice.pattern, value)
        elif isinstance(pattern, cst.MatchClass):
            # `case list(y)` captures the subject itself, other classes their attributes.
            for element in pattern.patterns:
                self._pattern(element.value, value)
            for keyword in pattern.kwds:
                self._pattern(keyword.pattern, self.followed.element(value))
        else:
            self._container_pattern(pattern, value)

    def _container_pattern(self, pattern: cst.MatchPattern, value: Value) -> None:
        rest: cst.Name | None = None
        parts: list[cst.MatchPattern] = []
        if isinstance(pattern, (cst.MatchList, cst.MatchTuple)):
            stars = [element for element in pattern.patterns if isinstance(element, cst.MatchStar)]
            rest = stars[0].name if stars else None
            parts = [element.value for element in pattern.patterns if isinstance(element, cst.MatchSequenceElement)]
        elif isinstance(pattern, cst.MatchMapping):
            rest = pattern.rest
            parts = [entry.pattern for entry in pattern.elements]
        for part in parts:
            self._pattern(part, self.followed.element(value))
        if rest is not None:
            self.bind(rest, self.followed.copy(value))

    def _try(self, node: cst.Try | cst.TryStar) -> bool:
        self.handlers.append(self.store.copy())
        normal: Store | None = None
        if self.run_block(node.body.body):
            normal = self.store
        raised = self.handlers.pop() or self.store
        self._note_store(raised)
        if normal is not None and node.orelse is not None:
            self.store = normal.copy()
            normal = self.store if self.run_block(node.orelse.body.body) else None
        for handler in node.handlers:
            self.store = raised.copy()
            if handler.type is not None:
                self.evaluate(handler.type)
            if handler.name is not None:
                self.assign(handler.name.name, OTHER)
            if self.run_block(handler.body.body):
                normal = joined(normal, self.store)
        if node.finalbody is not None:
            return self._finally(node.finalbody, normal, raised)
        return self.continue_with(normal, raised)

    def _note_store(self, store: Store) -> None:
        if self.handlers:
            self.handlers[-1] = joined(self.handlers[-1], store)

    def _finally(self, node: cst.Finally, normal: Store | None, raised: Store) -> bool:
        self.store = (joined(raised, normal) or raised).copy()
        reaches_end = self.run_block(node.body.body)
        if normal is None or not reaches_end:
            return False
        self.store = normal.copy()
        return self.run_block(node.body.body)

    def _with(self, node: cst.With) -> bool:
        swallows = any(self._swallows(item.item) for item in node.items)
        for item in node.items:
            value = self.evaluate(item.item)
            if item.asname is not None:
                self.assign(item.asname.name, value)
        if not swallows:
            return self.run_block(node.body.body)
        self.handlers.append(self.store.copy())
        after = self.store if self.run_block(node.body.body) else None
        raised = self.handlers.pop() or self.store
        self._note_store(raised)
        return self.continue_with(joined(after, raised), raised)

    def _swallows(self, item: cst.BaseExpression) -> bool:
        """Whether a context manager ends the exceptions of its block."""
        if not isinstance(item, cst.Call):
            return False
        name = item.func.attr.value if isinstance(item.func, cst.Attribute) else self.origin(item.func) or ""
        return name.rpartition(".")[2] in {"suppress", "raises", "assertRaises", "assertRaisesRegex"}


def _matches_all(pattern: cst.MatchPattern) -> bool:
    """``case _``, ``case name``, and alternatives that end in one."""
    if isinstance(pattern, cst.MatchAs):
        return pattern.pattern is None or _matches_all(pattern.pattern)
    return isinstance(pattern, cst.MatchOr) and _matches_all(pattern.patterns[-1].pattern)
