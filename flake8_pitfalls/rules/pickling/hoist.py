"""Moving functions, lambdas, classes and types to module level, with those that they use.

Variables that they read become parameters, and each use passes what the variable holds there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Fix
from flake8_pitfalls.rules.pickling.fix_captures import (
    Kind,
    Movable,
    Refused,
    Variable,
    assigned_target,
    evaluated_parts,
    kind_of,
    movable_value,
    reads_of,
    scopes_below,
    variables_of,
)
from flake8_pitfalls.rules.pickling.fix_factories import factory_within
from flake8_pitfalls.rules.pickling.fix_imports import Imports
from flake8_pitfalls.rules.pickling.fix_names import definition_name, lambda_name
from flake8_pitfalls.rules.pickling.fix_self import Capture, captures_of_self, is_self
from flake8_pitfalls.rules.pickling.fix_values import check_value
from flake8_pitfalls.rules.pickling.hoist_class import check_class, check_type
from flake8_pitfalls.rules.pickling.hoist_defaults import bound_defaults
from flake8_pitfalls.rules.pickling.hoist_edits import Edits
from flake8_pitfalls.rules.pickling.hoist_members import (
    Member,
    assigned_name,
    check_apart,
    line_of,
    pass_on_captures,
)
from flake8_pitfalls.rules.pickling.hoist_refusals import (
    READS_NAMES,
    check_annotations,
    check_code,
    check_made,
    check_name,
    is_below,
    is_test_name,
)
from flake8_pitfalls.rules.pickling.hoist_text import extent_of
from flake8_pitfalls.semantics.scopes import ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.model import Sink
    from flake8_pitfalls.semantics.module import TopLevelStatement


class Hoist:
    """Moves one culprit."""

    def __init__(self, statement: TopLevelStatement, sink: Sink) -> None:
        self._statement = statement
        self._sink = sink
        self._members: dict[Movable, Member] = {}
        self._note = ""

    def fix(self, *nodes: Movable) -> Fix:
        """The fix that moves definitions, lambdas, or calls that make types.

        Raises Refused.
        """
        for node in nodes:
            self._add(node)
        pass_on_captures(self._members)
        for member in self._members.values():
            self._name(member)
        for member in self._members.values():
            self._locate(member)
            _check_parameters(self._statement, member)
        members = sorted(self._members.values(), key=lambda member: self._statement.order[member.node])
        check_apart(members)
        edits = Edits(self._statement, members, self._sink, Imports(self._statement))
        made = edits.all()
        note = self._note or edits.note
        return Fix(Applicability.UNSAFE if note else Applicability.SAFE, tuple(made), note)

    # -- what moves ----------------------------------------------------------------------------------------------

    def _add(self, node: Movable) -> None:
        stack: list[Movable] = [node]
        while stack:
            current = stack.pop()
            if current not in self._members:
                member = self._members[current] = Member(current, self._variable_of(current))
                self._examine(member)
                stack.extend(member.siblings)

    def _variable_of(self, node: Movable) -> Variable | None:
        """The variable that always means a definition; ``None`` for a lambda that is replaced where it stands."""
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            scope = self._statement.scopes.scope_of(node)
            check_name(self._statement, node, scope)
            return Variable(scope.stored_name(node.name.value), scope)
        target = assigned_name(self._statement, node)
        if target is not None:
            scope = self._statement.scopes.scope_of(target)
            variable = Variable(target.value, scope)
            if len(variable.bindings) == 1 and scope.kind is ScopeKind.FUNCTION:
                return variable
        if self._statement.scopes.scope_of(node).kind is ScopeKind.CLASS and assigned_target(self._statement, node):
            raise Refused("a lambda that a class assigns is one of its methods: write a method")
        if isinstance(node, cst.Call):
            raise Refused("the type isn't simply assigned to a name of its own: define it at module level")
        return None

    def _examine(self, member: Member) -> None:
        node, statement = member.node, self._statement
        check_code(statement, node)
        member.bound = bound_defaults(statement, node)
        check_made(statement, node, member.bound)
        if isinstance(node, cst.Call):
            check_type(statement, node)
            return
        if isinstance(node, cst.ClassDef):
            check_class(statement, node)
        if isinstance(node, cst.Lambda) and (within := factory_within(statement, node)) is not None:
            member.siblings.append(within)
        variables = variables_of(statement, node)
        check_annotations(statement, node, set(variables))
        own = member.variable
        for name, variable in variables.items():
            if own is None or variable.owner is not own.owner or name != own.name:
                self._classify(member, variable)

    def _classify(self, member: Member, variable: Variable) -> None:
        """Note what a variable that the member reads is: an import, something that moves too, or a value."""
        statement, node = self._statement, member.node
        evaluated = evaluated_parts(statement, node)
        reads = [read for read in variable.reads if not any(is_below(statement, read, part) for part in evaluated)]
        if len(reads) < len(variable.reads) and not member.bound and not isinstance(node, cst.ClassDef):
            raise Refused(f"'{variable.name}' of the function around is read while the function is made")
        if not reads and not isinstance(node, cst.ClassDef):
            return
        kind = kind_of(statement, variable)
        if kind is Kind.IMPORT:
            member.imports.append(variable)
        elif kind is Kind.SIBLING:
            member.siblings.append(self._sibling(variable))
        elif isinstance(node, cst.ClassDef):
            raise Refused(f"the class reads '{variable.name}' of the function around: pass it to its methods")
        else:
            self._capture(member, Variable(variable.name, variable.owner, reads))

    def _sibling(self, variable: Variable) -> Movable:
        sibling = movable_value(self._statement, variable)
        assert sibling is not None
        if isinstance(sibling, cst.Lambda) and self._variable_of(sibling) is None:
            raise Refused(f"'{variable.name}' can't be pickled either: define it at module level")
        return sibling

    def _capture(self, member: Member, variable: Variable) -> None:
        inside = set(scopes_below(self._statement.scopes.scope_for(member.node)))
        if is_self(self._statement, variable):
            found, note = captures_of_self(self._statement, variable, inside, self._sink.role)
            self._note = self._note or note
            member.captures.extend(found)
            return
        note = check_value(self._statement, variable, inside, self._sink.role)
        self._note = self._note or note
        member.captures.append(Capture(variable, variable.name, variable.name))

    # -- where it goes -------------------------------------------------------------------------------------------

    def _name(self, member: Member) -> None:
        variable = member.variable
        if variable is None:
            assert isinstance(member.node, cst.Lambda)
            member.name = lambda_name(self._statement, member.node)
            return
        old = variable.name
        if is_test_name(self._statement, old):
            raise Refused(f"a test runner would collect '{old}' at module level: move it under another name")
        member.name = definition_name(self._statement, member.node, variable, keep=not member.bound)
        if member.name == old:
            return
        if isinstance(member.node, (cst.ClassDef, cst.Call)):
            self._note = self._note or f"the class is called '{member.name}' now, which may show"
            return
        if self._statement.module.search(READS_NAMES):
            self._note = self._note or f"the function is called '{member.name}' now, which may show"
        if any(
            isinstance(parent := self._statement.parents.get(read), cst.Attribute) and parent.value is read
            for read, _ in reads_of(variable.owner, old)
        ):
            raise Refused(f"'{old}.__name__' is read, and the name is taken at module level")

    def _locate(self, member: Member) -> None:
        if isinstance(member.node, (cst.ClassDef, cst.Call)) and member.captures:
            raise Refused("the class uses a function that reads variables of the function around")
        if member.variable is None:
            return
        member.extent = extent_of(self._statement, line_of(self._statement, member.node))
        if member.extent is None:
            raise Refused("it shares a line with something else: put it on a line of its own")


def _check_parameters(statement: TopLevelStatement, member: Member) -> None:
    """Raise Refused when a new parameter would hide another variable."""
    if not member.captures:
        return
    own = statement.scopes.scope_for(member.node)
    taken = set(own.local_names)
    for scope in scopes_below(own):
        for name in scope.reads:
            owner = scope.lookup(name)
            if owner is None or owner.kind is ScopeKind.MODULE:
                taken.add(name)
    names = member.parameters
    for name in names:
        if name in taken or names.count(name) > 1:
            raise Refused(f"'{name}' means something else in the function that would get it as a parameter")
