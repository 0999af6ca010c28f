"""The data model of scopes: what a scope is, what it binds, and which variable a name in it means."""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst


class ScopeKind(enum.Enum):
    """The kinds of code blocks with names of their own (Language Reference, 4.2, "Naming and binding")."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    LAMBDA = "lambda"
    COMPREHENSION = "comprehension"
    TYPE = "type"
    """An annotation scope of PEP 695: type parameters, their bounds and defaults, values of `type` statements."""


class BindingKind(enum.Enum):
    """How a name gets bound (Language Reference, 4.2.1, "Binding of names")."""

    PARAMETER = "parameter"
    ASSIGNMENT = "assignment"
    """`x = ...`, alone or in a tuple, or `x: T = ...`."""
    AUGMENTED = "augmented assignment"
    """`x += ...`, which also reads `x`; the name isn't among the reads of its scope."""
    ANNOTATION = "annotation"
    """`x: T`: it makes `x` local but gives it no value."""
    FOR = "for"
    """The target of a `for` statement, or of a `for` clause in a comprehension."""
    WITH = "with"
    EXCEPT = "except"
    """`except E as x`, which also unbinds `x` when the handler ends."""
    IMPORT = "import"
    DEF = "def"
    CLASS = "class"
    WALRUS = "assignment expression"
    MATCH = "match"
    DELETE = "del"
    """`del x` makes `x` local as much as an assignment does."""
    TYPE_PARAMETER = "type parameter"
    TYPE_ALIAS = "type alias"


@dataclass(frozen=True, eq=False, slots=True)
class Binding:
    """One place where the source binds a name."""

    name: str
    """The name as Python stores it: see `Scope.stored_name`."""
    kind: BindingKind
    node: cst.CSTNode = field(repr=False)
    """The name that's the target, or the `Param`, `FunctionDef`, `ClassDef`, `ImportAlias`, `TypeAlias`, `TypeVar`,
    `TypeVarTuple` or `ParamSpec`."""
    scope: Scope
    """The scope whose code does the binding.  The variable may live in another one: see `Scope.lookup`."""


class Scope:
    """A block of code with names of its own.  All names are as Python stores them: see `stored_name`."""

    __slots__ = (
        "_escaping_names",
        "_maybe_mangled",
        "_private_class",
        "annotation_reads",
        "assigned_names",
        "bindings",
        "children",
        "global_names",
        "kind",
        "local_names",
        "node",
        "nonlocal_names",
        "parent",
        "reads",
        "star_imports",
    )

    def __init__(self, kind: ScopeKind, node: cst.CSTNode, parent: Scope | None) -> None:
        self.kind = kind
        self.node = node
        """What creates the scope.  For annotation scopes: a `TypeParameters`, `TypeAlias`, `TypeVar` (for its bound) or
        `TypeParam` (for its default)."""
        self.parent = parent
        self.children: list[Scope] = []
        """The scopes directly in this one, in the order in which their nodes start."""
        self.bindings: dict[str, list[Binding]] = {}
        """The bindings, in any scope, of the variables that live in this one, in source order."""
        self.reads: dict[str, list[cst.Name]] = {}
        """The names that this scope's own code reads, in source order."""
        self.annotation_reads: dict[str, list[cst.Name]] = {}
        """The names in annotations that `from __future__ import annotations` leaves unevaluated (PEP 563)."""
        self.assigned_names: set[str] = set()
        """The names that this scope's own code binds, wherever the variables live."""
        self.local_names: set[str] = set()
        """The variables that live in this scope."""
        self.global_names: set[str] = set()
        """The names declared global, explicitly or as the target of `:=` in a comprehension (PEP 572)."""
        self.nonlocal_names: set[str] = set()
        """The names declared nonlocal, explicitly or as the target of `:=` in a comprehension (PEP 572)."""
        self.star_imports: list[cst.ImportFrom] = []
        self._private_class: str | None = parent._private_class if parent else None
        self._maybe_mangled: frozenset[str] | None = parent._maybe_mangled if parent else None
        self._escaping_names: set[str] | None = None
        if parent:
            parent.children.append(self)

    def __repr__(self) -> str:
        name = getattr(getattr(self.node, "name", None), "value", "")
        return f"<Scope {self.kind.value} {name}>"

    def with_inner(self) -> Iterator[Scope]:
        """This scope and all scopes in it, the outer ones first, else in the order in which their nodes start."""
        stack = [self]
        while stack:
            scope = stack.pop()
            yield scope
            stack.extend(reversed(scope.children))

    def mangle_for_class(self, class_name: str, only: frozenset[str] | None = None) -> None:
        """Mangle private names, or `only` these, in this scope and in those that will be created in it."""
        self._private_class = class_name.lstrip("_") or None
        self._maybe_mangled = only

    def stored_name(self, name: str) -> str:
        """Return a name in the source as Python stores it: the key for all the names here.

        Names are normalized (Language Reference, 2.3, "Identifiers and keywords") and, if private to a class, mangled
        (6.2.1, "Identifiers (Names)").
        """
        if not name.isascii():
            name = unicodedata.normalize("NFKC", name)
        if self._private_class is None or not name.startswith("__") or name.endswith("__"):
            return name
        if self._maybe_mangled is not None and name not in self._maybe_mangled:
            return name
        return f"_{self._private_class}{name}"

    @property
    def module_scope(self) -> Scope:
        """The outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def lookup(self, name: str) -> Scope | None:
        """Return the scope of the variable that a name means when used in this scope.

        `None` means that nothing binds it: it's a builtin, comes from a star import, or is undefined.  The rules are
        those of the Language Reference, 4.2.2, "Resolution of names".  In particular, nothing but the body of a class
        and the annotation scopes directly in it see its names (4.2.3); but `__class__`, also implied by `super`, means
        a variable of the class when used in its methods.  When code in a class body reads a name that the class hasn't
        bound yet, Python looks it up among the globals; the class is still the result.
        """
        name = self.stored_name(name)
        if name in self.local_names:
            return self
        if name in self.global_names:
            return self._global_variable(name)
        sees_class = self.kind is ScopeKind.TYPE
        for scope in self._ancestors():
            if scope.kind is not ScopeKind.CLASS:
                if name in scope.local_names:
                    return scope
                if name in scope.global_names:
                    return self._global_variable(name)
                sees_class = sees_class and scope.kind is ScopeKind.TYPE
                continue
            if name == "__class__":
                return scope
            if sees_class:
                if name in scope.local_names:
                    return scope
                if name in scope.global_names:
                    return self._global_variable(name)
            sees_class = False
        return None

    @property
    def free_variables(self) -> frozenset[str]:
        """The variables of enclosing functions that this scope, or a scope in it, uses.

        They are the `co_freevars` of the code object, except that a class also passes on those variables of the same
        name as its own; as in `symtable`, they aren't among its free variables.
        """
        return frozenset(self._names_from_outside() - self.local_names - self.global_names)

    def _ancestors(self) -> Iterator[Scope]:
        scope = self.parent
        while scope is not None:
            yield scope
            scope = scope.parent

    def _global_variable(self, name: str) -> Scope | None:
        module = self.module_scope
        return module if name in module.local_names else None

    def _names_from_outside(self) -> set[str]:
        """Return the names of the variables of enclosing functions that the code in and below this scope uses."""
        if self._escaping_names is None:
            below = [self]
            for scope in below:
                below.extend(scope.children)
            for scope in reversed(below):
                if scope._escaping_names is None:
                    scope._escaping_names = scope._find_names_from_outside()
            assert self._escaping_names is not None
        return self._escaping_names

    def _find_names_from_outside(self) -> set[str]:
        used = {*self.reads, *self.nonlocal_names}
        if "super" in self.reads and self.kind not in (ScopeKind.MODULE, ScopeKind.CLASS):
            used.add("__class__")
        names = {name for name in used if self._is_from_enclosing_function(name)}
        provided = {"__class__"} if self.kind is ScopeKind.CLASS else self.local_names
        for child in self.children:
            names.update(child._names_from_outside() - provided)
        return names

    def _is_from_enclosing_function(self, name: str) -> bool:
        owner = self.lookup(name)
        if owner is None or owner is self or owner.kind is ScopeKind.MODULE:
            return False
        return owner.kind is not ScopeKind.CLASS or name == "__class__"
