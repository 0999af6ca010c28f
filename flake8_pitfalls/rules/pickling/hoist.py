"""Moving functions, lambdas, classes and types to module level, with those that they use.

Variables that they read become parameters, and each use passes what the variable holds there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Edit, Fix
from flake8_pitfalls.rules.pickling.fix_captures import (
    Kind,
    Movable,
    Refused,
    Variable,
    defaults,
    evaluated_parts,
    import_lines,
    kind_of,
    movable_value,
    parameters_of,
    reads_of,
    scopes_below,
    variables_of,
)
from flake8_pitfalls.rules.pickling.fix_imports import Imports
from flake8_pitfalls.rules.pickling.fix_names import definition_name, lambda_name
from flake8_pitfalls.rules.pickling.fix_self import captures_of_self, is_self
from flake8_pitfalls.rules.pickling.fix_values import Timing, check_value
from flake8_pitfalls.rules.pickling.hoist_class import check_class, check_type
from flake8_pitfalls.rules.pickling.hoist_edits import import_edits
from flake8_pitfalls.rules.pickling.hoist_place import insertions
from flake8_pitfalls.rules.pickling.hoist_refusals import (
    check_annotations,
    check_code,
    check_made,
    check_name,
    is_below,
    is_test_name,
)
from flake8_pitfalls.rules.pickling.hoist_text import Extent, edited, extent_of, newline_of, reindented, removals
from flake8_pitfalls.rules.pickling.lambda_text import function_text
from flake8_pitfalls.rules.pickling.partials import is_sent_at_once, parameters_edit, use_edits
from flake8_pitfalls.semantics.scopes import BindingKind, Scope, ScopeKind
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.fix_self import Capture
    from flake8_pitfalls.rules.pickling.model import Sink
    from flake8_pitfalls.semantics.module import TopLevelStatement


@dataclass(eq=False)
class Member:
    """One thing that moves."""

    node: Movable
    variable: Variable | None
    """What it's bound to; ``None`` for a lambda that is replaced where it stands."""
    name: str = ""
    captures: list[Capture] = field(default_factory=list)
    imports: list[Variable] = field(default_factory=list)
    siblings: list[Movable] = field(default_factory=list)
    bound: dict[str, str] = field(default_factory=dict)
    """Parameters whose default reads a variable, and the text of the default."""
    extent: Extent | None = None


class Hoist:
    """Moves one culprit."""

    def __init__(self, statement: TopLevelStatement, sink: Sink) -> None:
        self.statement = statement
        self.sink = sink
        self.members: dict[Movable, Member] = {}
        self.imports = Imports(statement)
        self.note = ""

    def fix(self, node: Movable) -> Fix:
        """The fix that moves a definition, or what a call or lambda makes.

        Raises Refused.
        """
        self._add(node)
        self._pass_on_captures()
        self._name_members()
        self._check_members()
        edits = self._edits()
        applicability = Applicability.UNSAFE if self.note else Applicability.SAFE
        return Fix(applicability, tuple(dict.fromkeys(edits)), self.note)

    # -- what moves ----------------------------------------------------------------------------------------------

    def _add(self, node: Movable) -> None:
        stack: list[Movable] = [node]
        while stack:
            current = stack.pop()
            if current in self.members:
                continue
            member = self.members[current] = Member(current, self._variable_of(current))
            self._examine(member)
            stack.extend(member.siblings)

    def _variable_of(self, node: Movable) -> Variable | None:
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            scope = self.statement.scopes.scope_of(node)
            check_name(self.statement, node, scope)
            return Variable(scope.stored_name(node.name.value), scope)
        target = assigned_name(self.statement, node)
        if target is None:
            if isinstance(node, cst.Call):
                raise Refused("the type isn't simply assigned to a name: define it at module level")
            return None
        scope = self.statement.scopes.scope_of(target)
        variable = Variable(target.value, scope)
        if len(variable.bindings) == 1 and scope.kind is ScopeKind.FUNCTION:
            return variable
        if isinstance(node, cst.Call):
            raise Refused(f"'{target.value}' is bound in several ways: define the type once, at module level")
        return None

    def _examine(self, member: Member) -> None:
        node, statement = member.node, self.statement
        check_code(statement, node)
        variables = {} if isinstance(node, cst.Call) else variables_of(statement, node)
        if isinstance(node, cst.Call):
            check_type(statement, node)
        if isinstance(node, cst.ClassDef):
            check_class(statement, node)
        member.bound = self._bound_defaults(node)
        check_annotations(statement, node, set(variables))
        own = member.variable
        for name, variable in variables.items():
            if own is not None and variable.owner is own.owner and name == own.name:
                continue
            self._classify(member, variable)
        check_made(statement, node, member.bound)

    def _classify(self, member: Member, variable: Variable) -> None:
        statement, node = self.statement, member.node
        in_defaults = [
            read for read in variable.reads if any(is_below(statement, read, part) for part in evaluated_parts(statement, node))
        ]
        reads = [read for read in variable.reads if read not in in_defaults]
        if in_defaults and not (member.bound or isinstance(node, cst.ClassDef)):
            raise Refused(f"'{variable.name}' of the function around is read while the function is made")
        if not reads and not isinstance(node, cst.ClassDef):
            return
        kind = kind_of(statement, variable)
        if kind is Kind.IMPORT:
            member.imports.append(variable)
        elif kind is Kind.SIBLING:
            sibling = movable_value(statement, variable)
            assert sibling is not None
            if isinstance(sibling, cst.Lambda) and self._variable_of(sibling) is None:
                raise Refused(f"'{variable.name}' can't be pickled either: define it at module level")
            member.siblings.append(sibling)
        elif isinstance(node, cst.ClassDef):
            raise Refused(f"the class reads '{variable.name}' of the function around: pass it to its methods")
        else:
            self._capture(member, Variable(variable.name, variable.owner, reads))

    def _capture(self, member: Member, variable: Variable) -> None:
        inside = set(scopes_below(self.statement.scopes.scope_for(member.node)))
        if is_self(self.statement, variable):
            found, note = captures_of_self(self.statement, variable, inside)
            self._remark(note)
            member.captures.extend(found)
            return
        from flake8_pitfalls.rules.pickling.fix_self import Capture

        check_value(self.statement, variable, inside, self.sink.role)
        member.captures.append(Capture(variable, variable.name, variable.name))

    def _bound_defaults(self, node: Movable) -> dict[str, str]:
        """The parameters whose defaults read variables of the function around."""
        if not isinstance(node, (cst.FunctionDef, cst.Lambda)):
            return {}
        found: dict[str, str] = {}
        for parameter in parameters_of(node):
            if parameter.default is not None and self._reads_variable(parameter.default):
                found[parameter.name.value] = self._source(parameter.default)
        if found and isinstance(node, cst.FunctionDef) and node.decorators:
            raise Refused("a decorated function whose defaults read variables: move it to module level yourself")
        posonly = {parameter.name.value for parameter in node.params.posonly_params}
        if posonly & set(found):
            raise Refused("the default of a positional-only parameter reads a variable: pass the value yourself")
        return found

    def _reads_variable(self, node: cst.CSTNode) -> bool:
        scopes = self.statement.scopes
        for part in walk(node):
            if isinstance(part, cst.Name) and part in scopes._scope_of:
                owner = scopes.scope_of(part).lookup(part.value)
                if owner is not None and owner.kind is not ScopeKind.MODULE:
                    return True
        return False

    def _source(self, node: cst.BaseExpression) -> str:
        start, end = self.statement.span(node)
        if node.lpar:
            start, end = self.statement.span(node.lpar[0])[0], self.statement.span(node.rpar[-1])[1]
        return self.statement.module.text[start:end]

    def _pass_on_captures(self) -> None:
        """Who uses a function that gets more parameters needs the values too."""
        changed = True
        while changed:
            changed = False
            for member in self.members.values():
                for sibling in member.siblings:
                    known = {(capture.variable.owner, capture.argument) for capture in member.captures}
                    for capture in self.members[sibling].captures:
                        if (capture.variable.owner, capture.argument) not in known:
                            member.captures.append(capture.for_user())
                            changed = True

    def _name_members(self) -> None:
        for member in self.members.values():
            if member.variable is not None:
                self._name_definition(member)
            else:
                assert isinstance(member.node, cst.Lambda)
                member.name = lambda_name(self.statement, member.node)

    def _name_definition(self, member: Member) -> None:
        assert member.variable is not None
        old = member.variable.name
        if is_test_name(self.statement, old):
            raise Refused(f"a test runner would collect '{old}' at module level: move it under another name")
        inline = bool(member.bound)
        member.name = definition_name(self.statement, member.node, member.variable, keep=not inline)
        if isinstance(member.node, (cst.ClassDef, cst.Call)) and member.name != old:
            raise Refused(f"the name '{old}' is taken at module level: move the class under another name")
        if member.name != old and not inline and self._name_is_read(member.variable):
            raise Refused(f"'{old}.__name__' is read, and the name is taken at module level")

    def _name_is_read(self, variable: Variable) -> bool:
        return any(
            isinstance(parent := self.statement.parents.get(read), cst.Attribute) and parent.value is read
            for read, _ in reads_of(variable.owner, variable.name)
        )

    # -- what a person should look at, and what can't be done ----------------------------------------------------

    def _remark(self, note: str) -> None:
        self.note = self.note or note

    def _check_members(self) -> None:
        for member in self.members.values():
            node = member.node
            if isinstance(node, (cst.ClassDef, cst.Call)) and member.captures:
                raise Refused("the class uses a function that reads variables of the function around")
            if self._is_replaced(member):
                if member.bound:
                    raise Refused("a lambda whose default reads a variable is used by what moves: rewrite it first")
            elif member.variable is not None:
                member.extent = extent_of(self.statement, self._line_of(member))
                if member.extent is None:
                    raise Refused("it shares a line with something else: put it on a line of its own")
            self._check_parameters(member)
        extents = sorted((member.extent for member in self.members.values() if member.extent), key=lambda e: e.start)
        for one, other in zip(extents, extents[1:], strict=False):
            if other.start < one.end:
                raise Refused("it uses the function around it: move both to module level yourself")

    def _is_replaced(self, member: Member) -> bool:
        return False and member.bound != {}

    def _line_of(self, member: Member) -> cst.CSTNode:
        """The statement that moves: the definition, or the line that assigns a lambda or type."""
        node: cst.CSTNode = member.node
        while isinstance(node, (cst.Lambda, cst.Call, cst.Assign)):
            node = self.statement.parents[node]
        return node

    def _check_parameters(self, member: Member) -> None:
        """Raise Refused when a new parameter would hide another variable."""
        if not member.captures:
            return
        own = self.statement.scopes.scope_for(member.node)
        taken: set[str] = set()
        for scope in scopes_below(own):
            taken |= {name for name in scope.reads if (owner := scope.lookup(name)) is None or owner.kind is ScopeKind.MODULE}
        for capture in member.captures:
            if capture.parameter in taken or capture.parameter in own.local_names:
                raise Refused(f"'{capture.parameter}' means something else in the function that would get it")
        names = [capture.parameter for capture in member.captures]
        if len(set(names)) < len(names):
            raise Refused("two variables of the same name would have to be passed")

    def _check_use(self, member: Member, use: cst.BaseExpression, scope: Scope) -> None:
        for capture in member.captures:
            variable = capture.variable
            if scope.lookup(variable.name) is not variable.owner:
                raise Refused(f"'{variable.name}' means something else where '{member.name}' is used")
            if capture.attribute and capture.attribute not in self.statement.module.changing_attributes:
                continue
            timing = Timing(self.statement, variable)
            if not capture.attribute and timing.is_settled(use):
                continue
            if timing.is_unbound(use):
                raise Refused(f"'{variable.name}' isn't bound yet where the function is used: assign it before")
            if not is_sent_at_once(self.statement, use):
                raise Refused(
                    f"'{capture.argument}' may change between the use of the function and its call: pass it yourself"
                )
            self._remark(f"'{capture.argument}' is passed as it is at the call")

    # -- edits ---------------------------------------------------------------------------------------------------

    def _edits(self) -> list[Edit]:
        members = sorted(self.members.values(), key=lambda member: self.statement.order[member.node])
        edits: list[Edit] = []
        for member in members:
            edits += self._edits_of(member)
        edits = list(dict.fromkeys(edits))
        extents = [member.extent for member in members if member.extent is not None]
        inner = [edit for edit in edits if any(extent.holds(edit.start) for extent in extents)]
        outer = [edit for edit in edits if edit not in inner]
        codes = [self._code_of(member, edits) for member in members]
        outer = [edit for edit in outer if not self._is_in_lambda(edit)]
        moved = [member for member in members if member.extent is not None and not member.bound]
        gone = removals(
            self.statement, [self._line_of(member) for member in moved], [m.extent for m in moved if m.extent is not None]
        )
        replaced = [self._partial_line(member) for member in members if member.extent is not None and member.bound]
        placed = insertions(self.statement, codes)
        return [*self.imports.edits, *placed, *outer, *gone, *replaced]

    def _is_in_lambda(self, edit: Edit) -> bool:
        """Whether an edit lies in a lambda that is replaced as a whole."""
        for member in self.members.values():
            if member.variable is None:
                start, end = self.statement.span(member.node)
                if start <= edit.start and edit.end <= end and (edit.start, edit.end) != (start, end):
                    return True
        return False

    def _edits_of(self, member: Member) -> list[Edit]:
        edits = self._use_edits(member)
        for capture in member.captures:
            edits += [Edit(*self.statement.span(node), capture.parameter) for node in capture.replaced]
        node = member.node
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            if node.name.value != member.name:
                edits.append(Edit(*self.statement.span(node.name), member.name))
            edits += import_edits(self.statement, node, member.imports)
        if isinstance(node, cst.FunctionDef) and member.captures:
            edits.append(parameters_edit(self.statement, node, [capture.parameter for capture in member.captures]))
        edits += self._default_edits(member)
        return edits

    def _default_edits(self, member: Member) -> list[Edit]:
        """Take away the defaults that the partial gives; behind other defaults there must be one."""
        if not member.bound:
            return []
        assert isinstance(member.node, (cst.FunctionDef, cst.Lambda))
        edits = []
        optional = False
        for parameter in member.node.params.params:
            if parameter.name.value in member.bound:
                edits.append(self._default_edit(parameter, keep=optional))
                optional = True
            else:
                optional = optional or parameter.default is not None
        edits = [edit for edit in edits if edit is not None]
        for parameter in member.node.params.kwonly_params:
            if parameter.name.value in member.bound:
                edits.append(self._default_edit(parameter, keep=False))
        if len(edits) > 1 or any(p.default is not None for p in member.node.params.params if p.name.value not in member.bound):
            # Parameters with and without defaults must not mix: None stands for what the partial passes.
            edits = [
                self._default_edit(parameter, keep=True)
                for parameter in parameters_of(member.node)
                if parameter.name.value in member.bound
            ]
        return edits

    def _default_edit(self, parameter: cst.Param, *, keep: bool) -> Edit:
        assert parameter.default is not None
        start, end = self.statement.span(parameter.default)
        if parameter.default.lpar:
            start = self.statement.span(parameter.default.lpar[0])[0]
            end = self.statement.span(parameter.default.rpar[-1])[1]
        if keep:
            return Edit(start, end, "None")
        before = self.statement.module.text[:start].rstrip()
        assert before.endswith("=")
        return Edit(len(before[:-1].rstrip()), end, "")

    def _use_edits(self, member: Member) -> list[Edit]:
        if member.variable is None:
            return self._edits_of_inline(member)
        if member.bound:
            self._check_bound(member)
            return []
        edits: list[Edit] = []
        for read, scope in reads_of(member.variable.owner, member.variable.name):
            user = self._member_around(read)
            if user is None:
                self._check_use(member, read, scope)
                arguments = [capture.argument for capture in member.captures]
            else:
                arguments = [capture.parameter for capture in member.captures]
                if any(scope.lookup(name) not in {None, *self._owners(member)} for name in arguments):
                    raise Refused(f"a variable hides what '{member.name}' needs: rename it first")
            edits += use_edits(self.statement, read, member.name, arguments, self.sink, self.imports)
        return edits

    def _owners(self, member: Member) -> list[Scope]:
        return [capture.variable.owner for capture in member.captures]

    def _member_around(self, node: cst.CSTNode) -> Member | None:
        for member in self.members.values():
            body = member.node if isinstance(member.node, (cst.ClassDef, cst.Call)) else getattr(member.node, "body", None)
            if body is not None and is_below(self.statement, node, body):
                return member
        return None

    def _edits_of_inline(self, member: Member) -> list[Edit]:
        assert isinstance(member.node, cst.Lambda)
        self._check_use(member, member.node, self.statement.scopes.scope_of(member.node))
        arguments = [capture.argument for capture in member.captures]
        if not member.bound:
            return use_edits(self.statement, member.node, member.name, arguments, self.sink, self.imports)
        return [Edit(*self.statement.span(member.node), self._partial(member))]

    def _partial(self, member: Member) -> str:
        arguments = [capture.argument for capture in member.captures]
        arguments += [f"{name}={text}" for name, text in member.bound.items()]
        partial = self.imports.name_for("functools", "partial", member.node)
        return f"{partial}({member.name}, {', '.join(arguments)})"

    def _partial_line(self, member: Member) -> Edit:
        assert member.extent is not None and member.variable is not None
        line = f"{member.extent.indent}{member.variable.name} = {self._partial(member)}"
        return Edit(member.extent.start, member.extent.end, line + newline_of(self.statement.module))

    def _check_bound(self, member: Member) -> None:
        """Raise Refused when the partial at the place of the definition wouldn't do."""
        assert member.variable is not None and isinstance(member.node, (cst.FunctionDef, cst.Lambda))
        for capture in member.captures:
            if not Timing(self.statement, capture.variable).is_settled(member.node):
                raise Refused(f"'{capture.argument}' may change after the function is made: pass it yourself")
        first = next(
            position
            for position, parameter in enumerate([*parameters_of(member.node), None])
            if parameter is None or parameter.name.value in member.bound
        )
        for read, _ in reads_of(member.variable.owner, member.variable.name):
            if self._member_around(read) is not None:
                raise Refused("it calls itself, and a default reads a variable: pass the value yourself")
            parent = self.statement.parents.get(read)
            if isinstance(parent, cst.Call) and parent.func is read:
                positional = [argument for argument in parent.args if argument.keyword is None]
                if len(positional) > first or any(argument.star for argument in positional):
                    raise Refused("a call overrides a default that reads a variable: pass the value yourself")

    def _code_of(self, member: Member, edits: list[Edit]) -> str:
        module = self.statement.module
        if isinstance(member.node, cst.Lambda):
            start, end = self.statement.span(member.node)
            inner = [edit for edit in edits if start <= edit.start and edit.end <= end and (edit.start, edit.end) != (start, end)]
            imports = [line for variable in member.imports for line in import_lines(self.statement, variable)]
            parameters = [capture.parameter for capture in member.captures]
            code = function_text(self.statement, member.node, member.name, parameters, imports, inner)
            return self._comments_of(member) + code
        assert member.extent is not None
        extent = member.extent
        inner = [edit for edit in edits if extent.start <= edit.start and edit.end <= extent.end]
        code = reindented(edited(module, extent.start, extent.end, inner), extent.indent, "")
        return code if code.endswith(("\n", "\r")) else code + newline_of(module)

    def _comments_of(self, member: Member) -> str:
        """The comments on and above the line that assigns a lambda, which moves as a whole."""
        extent, module = member.extent, self.statement.module
        if extent is None:
            return ""
        first, last = module.position(extent.start)[0], module.position(max(extent.end - 1, 0))[0]
        newline = newline_of(module)
        start, end = self.statement.span(member.node)
        found = []
        for line in range(first, last + 1):
            comment = module.comments.get(line)
            if comment is None:
                continue
            place = module.text.index(comment, module.line_starts[line - 1])
            if not start <= place < end:
                found.append(f"{comment}{newline}")
        return "".join(found)


def assigned_name(statement: TopLevelStatement, node: cst.CSTNode) -> cst.Name | None:
    """The name to which a line assigns a lambda or call, and nothing else."""
    assign = statement.parents.get(node)
    if not isinstance(assign, cst.Assign) or assign.value is not node or len(assign.targets) != 1:
        return None
    line = statement.parents.get(assign)
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    if not isinstance(statement.parents.get(line), cst.IndentedBlock):
        return None
    target = assign.targets[0].target
    return target if isinstance(target, cst.Name) else None


__all__ = ["BindingKind", "Hoist", "Member", "assigned_name", "defaults"]
