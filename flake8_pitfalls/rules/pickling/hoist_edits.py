"""The edits that move what was found: new definitions, uses that pass more arguments, lines that go away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.indentation import reindented
from flake8_pitfalls.fixes.model import Edit
from flake8_pitfalls.rules.pickling.fix_captures import Refused, import_lines, reads_of
from flake8_pitfalls.rules.pickling.fix_timing import Timing
from flake8_pitfalls.rules.pickling.hoist_class import renamed_type
from flake8_pitfalls.rules.pickling.hoist_defaults import check_bound, default_edits
from flake8_pitfalls.rules.pickling.hoist_imports import import_edits
from flake8_pitfalls.rules.pickling.hoist_members import Member, line_of
from flake8_pitfalls.rules.pickling.hoist_place import insertions
from flake8_pitfalls.rules.pickling.hoist_refusals import READS_NAMES, is_below
from flake8_pitfalls.rules.pickling.hoist_text import Extent, comments_around, edited, newline_of, removals
from flake8_pitfalls.rules.pickling.lambda_text import function_text
from flake8_pitfalls.rules.pickling.partials import Uses, parameters_edit
from flake8_pitfalls.rules.pickling.started import is_sent, is_sent_in_time
from flake8_pitfalls.semantics.scopes import ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.fix_imports import Imports
    from flake8_pitfalls.rules.pickling.fix_self import Capture
    from flake8_pitfalls.rules.pickling.model import Sink
    from flake8_pitfalls.semantics.module import TopLevelStatement
    from flake8_pitfalls.semantics.scopes import Scope


class Edits:
    """Makes the edits for things that move together, given in source order."""

    def __init__(self, statement: TopLevelStatement, members: list[Member], sink: Sink, imports: Imports) -> None:
        self._statement = statement
        self._members = members
        self._imports = imports
        self._uses = Uses(statement, sink, imports)
        self.note = ""
        """What a person should check, as far as that shows while the edits are made."""

    def all(self) -> list[Edit]:
        """All edits.

        Raises Refused.
        """
        inside = [edit for member in self._members for edit in self._edits_inside(member)]
        uses = [edit for member in self._members for edit in self._use_edits(member)]
        replaced = [edit for member in self._members for edit in self._edits_in_place(member)]
        within = dict.fromkeys([*inside, *uses, *(edit for edit in replaced if self._is_in_other(edit))])
        codes = [self._code(member, list(within)) for member in self._members]
        moved = [member.extent for member in self._members if member.extent is not None]
        outer = [edit for edit in uses if not any(extent.holds(edit.start) for extent in moved)]
        outer = [edit for edit in [*outer, *replaced] if not self._is_in_other(edit)]
        edits = [*self._imports.edits, *insertions(self._statement, codes), *outer, *self._removals()]
        return list(dict.fromkeys(edits))

    def _is_in_other(self, edit: Edit) -> bool:
        """Whether an edit lies in something that moves as a whole."""
        for member in self._members:
            start, end = self._statement.span(member.node)
            whole = edit.start <= start and end <= edit.end
            if start <= edit.start and edit.end <= end and not whole:
                return True
        return False

    def _removals(self) -> list[Edit]:
        gone: list[tuple[cst.CSTNode, Extent]] = [
            (line_of(self._statement, member.node), member.extent)
            for member in self._members
            if member.extent is not None and not member.bound
        ]
        return removals(self._statement, [node for node, _ in gone], [extent for _, extent in gone])

    # -- the definitions -----------------------------------------------------------------------------------------

    def _edits_inside(self, member: Member) -> list[Edit]:
        """What changes in the text that moves, but for uses."""
        statement, node = self._statement, member.node
        edits = [
            Edit(*statement.span(replaced), capture.parameter)
            for capture in member.captures
            for replaced in capture.replaced
        ]
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            if node.name.value != member.name:
                edits.append(Edit(*statement.span(node.name), member.name))
            edits += import_edits(statement, node, member.imports)
        if isinstance(node, cst.Call) and (renamed := renamed_type(statement, node, member.name)) is not None:
            edits.append(renamed)
            self.note = self.note or "the type's name shows in representations"
        if isinstance(node, cst.FunctionDef) and member.captures:
            edits.append(parameters_edit(statement, node, member.parameters))
        return [*edits, *default_edits(statement, member)]

    def _code(self, member: Member, edits: list[Edit]) -> str:
        """The definition at module level."""
        statement, extent = self._statement, member.extent
        if isinstance(member.node, cst.Lambda):
            start, end = statement.span(member.node)
            inner = [edit for edit in edits if start <= edit.start and edit.end <= end]
            imports = [line for variable in member.imports for line in import_lines(statement, variable)]
            code = function_text(statement, member.node, member.name, member.parameters, imports, inner)
            return code if extent is None else comments_around(statement, member.node, extent, "") + code
        assert extent is not None
        inner = [edit for edit in edits if extent.start <= edit.start and edit.end <= extent.end]
        code = reindented(edited(statement.module, extent.start, extent.end, inner), extent.indent, "")
        return code if code.endswith(("\n", "\r")) else code + newline_of(statement.module)

    # -- the uses ------------------------------------------------------------------------------------------------

    def _use_edits(self, member: Member) -> list[Edit]:
        """What changes where the name of a member is used."""
        if member.variable is None or member.bound:
            return []
        edits: list[Edit] = []
        for read, scope in reads_of(member.variable.owner, member.variable.name):
            arguments = member.arguments
            user = next((user for user in self._members if is_below(self._statement, read, user.code())), None)
            if user is not None:
                arguments = [user.parameter_for(capture) for capture in member.captures]
                if any(scope.lookup(name) not in {None, *member.owners} for name in arguments):
                    raise Refused(f"a variable hides what '{member.name}' needs: rename it first")
            else:
                self._check_use(member, read, scope)
            edits += self._uses.edits(read, member.name, arguments)
        return edits

    def _edits_in_place(self, member: Member) -> list[Edit]:
        """What stands where a lambda stood, or a definition whose defaults read variables."""
        if member.variable is None:
            self._check_use(member, member.node, self._statement.scopes.scope_of(member.node))
            if member.bound:
                return [Edit(*self._statement.span(member.node), self._partial(member))]
            assert isinstance(member.node, cst.Lambda)
            return self._uses.edits(member.node, member.name, member.arguments)
        if not member.bound or member.extent is None:
            return []
        check_bound(self._statement, member, self._members)
        line = f"{member.extent.indent}{member.variable.name} = {self._partial(member)}"
        return [Edit(member.extent.start, member.extent.end, line + newline_of(self._statement.module))]

    def _partial(self, member: Member) -> str:
        arguments = [*member.arguments, *(f"{name}={text}" for name, text in member.bound.items())]
        partial = self._imports.name_for("functools", "partial", member.node)
        return f"{partial}({member.name}, {', '.join(arguments)})"

    def _check_use(self, member: Member, use: cst.CSTNode, scope: Scope) -> None:
        for capture in member.captures:
            variable = capture.variable
            in_time = is_sent_in_time(self._statement, use, None if capture.attribute else variable)
            if scope.lookup(variable.name) is not variable.owner:
                raise Refused(f"'{variable.name}' means something else where '{member.name}' is used")
            if not self._is_settled(capture, use):
                if not in_time:
                    raise Refused(
                        f"'{capture.argument}' may change between the use of the function and its call: "
                        "pass it as an argument yourself"
                    )
                if variable.owner.kind is not ScopeKind.COMPREHENSION:
                    self.note = self.note or f"'{capture.argument}' is passed as it is at the call"
            elif capture.attribute and not in_time:
                self.note = self.note or f"'{capture.argument}' is taken once, and may change later"
        if member.captures and self._statement.module.search(READS_NAMES) and not is_sent(self._statement, use):
            raise Refused("this module reads names of functions, and a functools.partial has none: pass it yourself")
        if member.captures and self._uses.is_returned(use):
            self._uses.check_returned(use, [capture.variable.name for capture in member.captures], member.code())
            self.note = self.note or "what is returned is a functools.partial now"

    def _is_settled(self, capture: Capture, use: cst.CSTNode) -> bool:
        """Whether a captured value is surely the same when the function is used and when it runs."""
        timing = Timing(self._statement, capture.variable)
        if capture.attribute:
            if capture.is_set_later(self._statement, use):
                raise Refused(f"'{capture.argument}' isn't set yet where the function is used: set it before")
            return capture.attribute not in self._statement.module.changing_attributes
        if timing.is_unbound(use):
            raise Refused(f"'{capture.variable.name}' may have no value where the function is used: assign it before")
        return timing.is_settled(use)
