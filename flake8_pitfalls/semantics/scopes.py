"""The scopes of a module, found as the Language Reference, 4.2, "Naming and binding", says.

Of what isn't Python, for instance a `nonlocal` that means nothing, the scopes are unspecified, but there are some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, cast

import libcst as cst

from flake8_pitfalls.semantics.bindings import Binding, BindingKind, Scope, ScopeKind
from flake8_pitfalls.semantics.left_out import LeftOutBlock, LeftOutScope
from flake8_pitfalls.semantics.walk import children, push_children, walk

__all__ = ["Binding", "BindingKind", "Scope", "ScopeKind", "ScopeTree"]

# LibCST has names for these keywords.
_CONSTANTS = frozenset({"None", "True", "False"})


class ScopeTree:
    """All the scopes of a module.

    For a part of a module, `annotations_are_evaluated` tells whether `from __future__ import annotations` is missing
    in what comes before.
    """

    def __init__(self, module: cst.Module, *, annotations_are_evaluated: bool = True) -> None:
        collector = _Collector(module, annotations_are_evaluated)
        collector.run()
        self.root = collector.root
        self._collector = collector
        self._scope_of = collector.scope_of
        self._scope_for = collector.scope_for

    def add(self, block: LeftOutBlock) -> None:
        """Find the scopes in the body of a method that was left out so far."""
        self._collector.add(block)

    def forget(self) -> None:
        """Take the scopes apart, which refer to each other."""
        for scope in self._scope_for.values():
            scope.__class__ = Scope
            scope.parent = None
            scope.children = []
            scope.bindings = {}

    def scope_of(self, node: cst.CSTNode) -> Scope:
        """Return the scope in which an expression or statement is evaluated, for any node that `walk` visits.

        For definitions, that's the scope in which their name is bound; for parameters, that of their function.  Where
        decorators, defaults, annotations, base classes and the first iterable of a comprehension are evaluated is
        defined in the Language Reference, 8.7, 8.8, 6.2.4 and, for generic functions and classes, 8.10.
        """
        return self._scope_of[node]

    def scope_for(self, node: cst.CSTNode) -> Scope:
        """Return the scope that a function, lambda, class, comprehension or module creates."""
        return self._scope_for[node]

    def all_scopes(self) -> list[Scope]:
        """Return all scopes, the outer ones before those in them, else in the order in which their nodes start.

        Those in methods that were left out come last.
        """
        for scope in list(self._scope_for.values()):
            scope.children  # noqa: B018 - Asking for them has a method parsed.
        return list(self._scope_for.values())


class _AnnotationEnd:
    """What the stack of a collector holds where an unevaluated annotation ends."""


class _Collector:
    """Walks through a module, switching scopes on the way, and notes what happens to names."""

    def __init__(self, module: cst.Module, annotations_are_evaluated: bool) -> None:
        self.scope_of: dict[cst.CSTNode, Scope] = {}
        self.scope_for: dict[cst.CSTNode, Scope] = {}
        self.root = Scope(ScopeKind.MODULE, module, None)
        self.scope_for[module] = self.root
        self._scope = self.root
        # Besides nodes, the stack holds scopes, which become current when they're met.
        self._stack: list[cst.CSTNode | Scope | _AnnotationEnd] = [module]
        self._bindings: list[Binding] = []
        self._left_out: list[Scope] = []
        self._annotations_are_evaluated = annotations_are_evaluated
        self._in_unevaluated_annotation = False

    def run(self) -> None:
        """Visit everything, then hand out the bindings to the scopes in which the variables live."""
        self._visit_all()
        self._find_local_names(self.scope_for.values())
        self._distribute_bindings()
        for scope in self._left_out:
            scope.__class__ = LeftOutScope

    def _visit_all(self) -> None:
        stack = self._stack
        while stack:
            item = stack.pop()
            if isinstance(item, Scope):
                self._scope = item
            elif isinstance(item, _AnnotationEnd):
                self._in_unevaluated_annotation = False
            else:
                self.scope_of[item] = self._scope
                visit = _VISITORS.get(type(item))
                if visit is None:
                    push_children(item, stack)
                else:
                    visit(self, item)

    def add(self, block: LeftOutBlock) -> None:
        """Visit a method that was left out: nothing outside of it changes."""
        scope = self.scope_of[block]
        scope.__class__ = Scope
        known = len(self.scope_for)
        self._scope, self._stack, self._bindings = scope, [block], []
        self._visit_all()
        self._find_local_names([scope, *islice(self.scope_for.values(), known, None)])
        self._distribute_bindings()

    def _find_local_names(self, scopes: Iterable[Scope]) -> None:
        for scope in scopes:
            if scope is not self.root:
                scope.local_names = scope.assigned_names - scope.global_names - scope.nonlocal_names
                self.root.local_names |= scope.assigned_names & scope.global_names
        self.root.local_names |= self.root.assigned_names

    def _distribute_bindings(self) -> None:
        for binding in self._bindings:
            name, scope = binding.name, binding.scope
            owner = scope if name in scope.local_names else scope.lookup(name) or scope
            owner.bindings.setdefault(name, []).append(binding)

    def _visit_left_out(self, node: LeftOutBlock) -> None:
        if node.inside is None:
            self._left_out.append(self._scope)
        else:
            push_children(node, self._stack)

    # What the visitors share

    def _new_scope(self, kind: ScopeKind, node: cst.CSTNode, parent: Scope) -> Scope:
        scope = self.scope_for[node] = Scope(kind, node, parent)
        return scope

    def _push(self, nodes: Sequence[cst.CSTNode], scope: Scope | None = None) -> None:
        """Visit some nodes in a scope before all that's been pushed so far."""
        if scope is None or scope is self._scope:
            self._stack.extend(nodes[::-1])
        else:
            self._stack.append(self._scope)
            self._stack.extend(nodes[::-1])
            self._stack.append(scope)

    def _bind(self, name: str, kind: BindingKind, node: cst.CSTNode, scope: Scope | None = None) -> None:
        scope = scope or self._scope
        name = scope.stored_name(name)
        scope.assigned_names.add(name)
        self._bindings.append(Binding(name, kind, node, scope))

    def _bind_target(self, target: cst.CSTNode, kind: BindingKind, scope: Scope | None = None) -> None:
        """Bind the names in a target, and visit the expressions in it."""
        scope = scope or self._scope
        targets = [target]
        expressions: list[cst.CSTNode] = []
        while targets:
            part = targets.pop()
            if isinstance(part, cst.Name):
                self.scope_of[part] = scope
                self._bind(part.value, kind, part, scope)
            elif isinstance(part, (cst.Tuple, cst.List, cst.Element, cst.StarredElement)):
                self.scope_of[part] = scope
                push_children(part, targets)
            else:
                expressions.append(part)
        self._push(expressions, scope)

    def _label(self, node: cst.CSTNode, scope: Scope | None = None) -> None:
        """Note the scope of a node, usually a name, that isn't an expression."""
        self.scope_of[node] = scope or self._scope

    # Expressions

    def _visit_name(self, node: cst.Name) -> None:
        name = node.value
        if name in _CONSTANTS:
            return
        scope = self._scope
        reads = scope.annotation_reads if self._in_unevaluated_annotation else scope.reads
        reads.setdefault(scope.stored_name(name), []).append(node)

    def _visit_attribute(self, node: cst.Attribute) -> None:
        self._label(node.attr)
        self._stack.append(node.value)

    def _visit_arg(self, node: cst.Arg) -> None:
        if node.keyword is not None:
            self._label(node.keyword)
        self._stack.append(node.value)

    def _visit_named_expr(self, node: cst.NamedExpr) -> None:
        """Bind the target of `:=`, for comprehensions in the scope that contains them (PEP 572)."""
        self._stack.append(node.value)
        self._bind_target(node.target, BindingKind.WALRUS)
        holder = self._scope
        while holder.kind is ScopeKind.COMPREHENSION and holder.parent is not None:
            holder = holder.parent
        if holder is not self._scope and isinstance(node.target, cst.Name):
            name = holder.stored_name(node.target.value)
            holder.assigned_names.add(name)
            is_global = holder is self.root or name in holder.global_names
            (self._scope.global_names if is_global else self._scope.nonlocal_names).add(name)

    def _visit_lambda(self, node: cst.Lambda) -> None:
        scope = self._new_scope(ScopeKind.LAMBDA, node, self._scope)
        self._push([node.body], scope)
        self._bind_parameters(node.params, scope, self._scope)

    def _visit_comprehension(self, node: cst.BaseComp) -> None:
        """Visit a comprehension; its first iterable belongs to the enclosing scope (Language Reference, 6.2.4)."""
        scope = self._new_scope(ScopeKind.COMPREHENSION, node, self._scope)
        first = node.for_in
        self._label(first, scope)
        self._push(children(first)[2:], scope)
        self._stack.append(first.iter)
        self._bind_target(first.target, BindingKind.FOR, scope)
        self._push([child for child in children(node) if child is not first], scope)

    def _visit_comp_for(self, node: cst.CompFor) -> None:
        self._push(children(node)[1:])
        self._bind_target(node.target, BindingKind.FOR)

    # Definitions

    def _visit_function_def(self, node: cst.FunctionDef) -> None:
        self._label(node.name)
        self._bind(node.name.value, BindingKind.DEF, node)
        type_scope = self._type_parameter_scope(node.type_parameters)
        scope = self._new_scope(ScopeKind.FUNCTION, node, type_scope)
        self._push([node.body], scope)
        if node.returns is not None:
            self._push([node.returns], type_scope)
        self._bind_parameters(node.params, scope, type_scope)
        if node.type_parameters is not None:
            self._push([node.type_parameters], type_scope)
        self._push(node.decorators)

    def _bind_parameters(self, parameters: cst.Parameters, scope: Scope, annotation_scope: Scope) -> None:
        self._label(parameters, scope)
        params = cast(list[cst.Param], children(parameters))
        for param in params:
            self._label(param, scope)
            self._label(param.name, scope)
            self._bind(param.name.value, BindingKind.PARAMETER, param, scope)
        for param in reversed(params):
            if param.default is not None:
                self._stack.append(param.default)
            if param.annotation is not None:
                self._push([param.annotation], annotation_scope)

    def _visit_class_def(self, node: cst.ClassDef) -> None:
        self._label(node.name)
        self._bind(node.name.value, BindingKind.CLASS, node)
        type_scope = self._type_parameter_scope(node.type_parameters)
        if node.type_parameters is not None:
            names = frozenset(type_parameter.param.name.value for type_parameter in node.type_parameters.params)
            type_scope.mangle_for_class(node.name.value, names)
        scope = self._new_scope(ScopeKind.CLASS, node, type_scope)
        scope.mangle_for_class(node.name.value)
        self._push([node.body], scope)
        self._push([*node.bases, *node.keywords], type_scope)
        if node.type_parameters is not None:
            self._push([node.type_parameters], type_scope)
        self._push(node.decorators)

    # Annotation scopes

    def _type_parameter_scope(self, type_parameters: cst.TypeParameters | None) -> Scope:
        """Return a new scope for type parameters, or the current scope if there are none (PEP 695)."""
        return self._new_scope(ScopeKind.TYPE, type_parameters, self._scope) if type_parameters else self._scope

    def _visit_type_param(self, node: cst.TypeParam) -> None:
        """Bind a type parameter; its bound and default have scopes of their own (PEP 695, PEP 696)."""
        param = node.param
        self._label(param)
        self._label(param.name)
        self._bind(param.name.value, BindingKind.TYPE_PARAMETER, param)
        if node.default is not None:
            self._push([node.default], self._new_scope(ScopeKind.TYPE, node, self._scope))
        if isinstance(param, cst.TypeVar) and param.bound is not None:
            self._push([param.bound], self._new_scope(ScopeKind.TYPE, param, self._scope))

    def _visit_type_alias(self, node: cst.TypeAlias) -> None:
        self._label(node.name)
        self._bind(node.name.value, BindingKind.TYPE_ALIAS, node)
        type_scope = self._type_parameter_scope(node.type_parameters)
        self._push([node.value], self._new_scope(ScopeKind.TYPE, node, type_scope))
        if node.type_parameters is not None:
            self._push([node.type_parameters], type_scope)

    def _visit_annotation(self, node: cst.Annotation) -> None:
        if not self._annotations_are_evaluated and not self._in_unevaluated_annotation:
            self._in_unevaluated_annotation = True
            self._stack.append(_AnnotationEnd())
        self._stack.append(node.annotation)

    # Statements

    def _visit_assign_target(self, node: cst.AssignTarget) -> None:
        self._bind_target(node.target, BindingKind.ASSIGNMENT)

    def _visit_aug_assign(self, node: cst.AugAssign) -> None:
        self._stack.append(node.value)
        self._bind_target(node.target, BindingKind.AUGMENTED)

    def _visit_ann_assign(self, node: cst.AnnAssign) -> None:
        """Visit an annotated assignment; `(x): T` binds nothing (Language Reference, 7.2.2)."""
        if node.value is not None:
            self._stack.append(node.value)
        self._stack.append(node.annotation)
        if node.value is not None:
            self._bind_target(node.target, BindingKind.ASSIGNMENT)
        elif not isinstance(node.target, cst.Name):
            self._stack.append(node.target)
        elif not getattr(node.target, "lpar", ()):  # A bare tree has none of these.
            self._bind_target(node.target, BindingKind.ANNOTATION)
        else:
            self._label(node.target)

    def _visit_del(self, node: cst.Del) -> None:
        self._bind_target(node.target, BindingKind.DELETE)

    def _visit_for(self, node: cst.For) -> None:
        self._push(children(node)[1:])
        self._bind_target(node.target, BindingKind.FOR)

    def _visit_as_name(self, node: cst.AsName) -> None:
        """Bind the target in an item of a `with` statement: other `AsName` nodes aren't visited."""
        self._bind_target(node.name, BindingKind.WITH)

    def _visit_except_handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> None:
        self._stack.append(node.body)
        if node.name is not None:
            self._label(node.name)
            self._bind_target(node.name.name, BindingKind.EXCEPT)
        if node.type is not None:
            self._stack.append(node.type)

    def _visit_import(self, node: cst.Import | cst.ImportFrom) -> None:
        for part in walk(node):
            self._label(part)
        if isinstance(node.names, cst.ImportStar):
            self._scope.star_imports.append(node)
            return
        for alias in node.names:
            name: cst.CSTNode = alias.asname.name if alias.asname is not None else alias.name
            while isinstance(name, cst.Attribute):
                name = name.value
            if isinstance(name, cst.Name):
                self._bind(name.value, BindingKind.IMPORT, alias)
        if _leaves_annotations_unevaluated(node):
            self._annotations_are_evaluated = False

    def _visit_declaration(self, node: cst.Global | cst.Nonlocal) -> None:
        names = self._scope.global_names if isinstance(node, cst.Global) else self._scope.nonlocal_names
        for item in node.names:
            self._label(item)
            self._label(item.name)
            names.add(self._scope.stored_name(item.name.value))

    # Patterns

    def _visit_capture(self, node: cst.MatchAs | cst.MatchStar) -> None:
        if node.name is not None:
            self._bind_target(node.name, BindingKind.MATCH)
        if isinstance(node, cst.MatchAs) and node.pattern is not None:
            self._stack.append(node.pattern)

    def _visit_match_mapping(self, node: cst.MatchMapping) -> None:
        if node.rest is not None:
            self._bind_target(node.rest, BindingKind.MATCH)
        self._push(node.elements)

    def _visit_match_keyword_element(self, node: cst.MatchKeywordElement) -> None:
        self._label(node.key)
        self._stack.append(node.pattern)


def _leaves_annotations_unevaluated(node: cst.Import | cst.ImportFrom) -> bool:
    """Tell whether an import is `from __future__ import annotations` (PEP 563)."""
    module = node.module if isinstance(node, cst.ImportFrom) else None
    if isinstance(node.names, cst.ImportStar) or not isinstance(module, cst.Name) or module.value != "__future__":
        return False
    return any(alias.name.value == "annotations" for alias in node.names)


_Visitor = Callable[[_Collector, Any], None]
_VISITORS: dict[type[object], _Visitor] = {
    cst.Name: _Collector._visit_name,
    cst.Attribute: _Collector._visit_attribute,
    cst.Arg: _Collector._visit_arg,
    cst.NamedExpr: _Collector._visit_named_expr,
    cst.Lambda: _Collector._visit_lambda,
    **dict.fromkeys((cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp), _Collector._visit_comprehension),
    cst.CompFor: _Collector._visit_comp_for,
    LeftOutBlock: _Collector._visit_left_out,
    cst.FunctionDef: _Collector._visit_function_def,
    cst.ClassDef: _Collector._visit_class_def,
    cst.TypeParam: _Collector._visit_type_param,
    cst.TypeAlias: _Collector._visit_type_alias,
    cst.Annotation: _Collector._visit_annotation,
    cst.AssignTarget: _Collector._visit_assign_target,
    cst.AugAssign: _Collector._visit_aug_assign,
    cst.AnnAssign: _Collector._visit_ann_assign,
    cst.Del: _Collector._visit_del,
    cst.For: _Collector._visit_for,
    cst.AsName: _Collector._visit_as_name,
    **dict.fromkeys((cst.ExceptHandler, cst.ExceptStarHandler), _Collector._visit_except_handler),
    cst.Import: _Collector._visit_import,
    cst.ImportFrom: _Collector._visit_import,
    cst.Global: _Collector._visit_declaration,
    cst.Nonlocal: _Collector._visit_declaration,
    cst.MatchAs: _Collector._visit_capture,
    cst.MatchStar: _Collector._visit_capture,
    cst.MatchMapping: _Collector._visit_match_mapping,
    cst.MatchKeywordElement: _Collector._visit_match_keyword_element,
}
# Nodes of Python 3.15, which LibCST knows since 1.9.
_NEW_VISITORS: dict[str, _Visitor] = {
    "LazyImport": _Collector._visit_import,
    "LazyImportFrom": _Collector._visit_import,
    "StarredDictComp": _Collector._visit_comprehension,
}
_VISITORS.update({getattr(cst, name): visitor for name, visitor in _NEW_VISITORS.items() if hasattr(cst, name)})
