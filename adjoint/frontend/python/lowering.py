"""The lowering of one call of a function: what its parts ask of it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from adjoint.errors import SourceError, did_you_mean
from adjoint.frontend.lower import Lowering
from adjoint.frontend.python.by_use import (
    WHOLE,
    IntParameter,
    ParameterTypes,
    parameters_below,
    whole_arrays_below,
)
from adjoint.frontend.python.context import Context
from adjoint.frontend.python.item_shapes import leaves, name_parts
from adjoint.frontend.python.items import (
    NONE,
    Columns,
    Dictionary,
    Elements,
    Function,
    Generator,
    Item,
    Range,
    Refused,
    Scope,
    Waiting,
    described,
    is_instance,
    is_once,
    is_word,
)
from adjoint.frontend.python.nodes import convert
from adjoint.frontend.python.refusals import none_refusal
from adjoint.frontend.python.text import Text
from adjoint.frontend.syntax import Node
from adjoint.ir.program import Value
from adjoint.ir.types import BOOL, INT

#: A node of either tree: Python's own, or that which the front ends share.
AnyNode = ast.AST | Node

#: The longest range that is taken as a static sequence.
MAX_STATIC = 10_000


class FunctionLowering(Lowering):
    """Lowers one function, in one call of it.

    ``env`` says what the names stand for now; ``frame`` is the call around this one
    that it was defined in. What its kinds of expressions and statements are is for
    the classes below to say: `Expressions` and those on top of it.
    """

    def __init__(
        self,
        context: Context,
        text: Text,
        scope: Scope,
        frame: FunctionLowering | None = None,
        place: int | None = None,
    ):
        super().__init__(text.source, context.builder, {}, self._unknown_name, place)
        self.context = context
        self.text = text
        self.scope = scope
        self.frame = frame
        self.env: dict[str, Item] = {}
        self.local_names: frozenset[str] = frozenset()
        #: what the function keeps from one call to the next: its defaults
        self.kept: tuple[Item, ...] = ()
        self.awaited: list[Value] = []
        #: the names that are read behind the statement that is lowered
        self.behind: frozenset[str] = frozenset()
        #: the names of what changes in place, under these names or others
        self.changing: frozenset[str] = frozenset()
        #: the names of lists of which the rows change in place
        self.changing_inside: frozenset[str] = frozenset()
        #: the one name that is assigned to now; whether what it is given will change
        self.assigned: str | None = None
        self.changes = False
        #: where an expression begins whose value is not used; -1 for none
        self.discarded = -1
        #: of the names of what can be gone through once: how many blocks were open, and
        #: what the names stood for
        self.bound_at: dict[str, tuple[int, dict[str, Item]]] = {}
        #: where names are read that are surely given by then
        self.sure: frozenset[int] = frozenset()
        #: how many blocks were open where the statement begins
        self.depth = 0

    # -- the door

    def item(self, expression: ast.expr) -> Item:
        """What an expression stands for."""
        return self.value(convert(expression, self.text))

    def condition(self, expression: ast.expr) -> Value:
        """The truth of an expression; that of a list is whether it has items."""
        item = self.value(convert(expression, self.text, test=True))
        return self._decision(expression, item)

    def checked(self, item: Item, node: AnyNode) -> Value:
        """The item, which has to be a number, or an array."""
        if isinstance(item, Value) and not item.type.listed:
            return item
        if item is NONE and isinstance(node, Node) and node.kind == "name":
            raise self.problem(node, *none_refusal(str(node.value)))
        raise self.problem(node, f"a number is expected here, not {described(item)}")

    def problem(
        self, node: AnyNode, message: str, hint: str | None = None
    ) -> SourceError:
        """The error to raise for a node of either tree."""
        if isinstance(node, Node):
            return self.source.error(node.start, node.end, message, hint)
        return self.text.error(node, message, hint)

    def check_no_instance(self, item: Item, node: AnyNode) -> None:
        """Raise SourceError for an instance of a dataclass where tuples may stand."""
        if is_instance(item):
            message = f"{described(item)} is no tuple: it has parts, and no items"
            hint = f"take its parts by name: {', '.join(item.kind.fields)}"
            raise self.problem(node, message, hint)

    def where(self, node: AnyNode) -> int:
        """Where operations that come of a node are placed."""
        if self.place is not None:
            return self.place
        return node.start if isinstance(node, Node) else self.text.start(node)

    def whole(self, value: Value, node: AnyNode) -> Value:
        """The value, which has to be a whole number."""
        if value.type in (INT, BOOL):
            return value
        if value.type.rank:
            raise self.problem(node, "a whole number is expected here, not an array")
        below = parameters_below(value, self.context.origins, WHOLE)
        guessed = below & self.context.guessed.keys()
        if guessed:
            raise IntParameter({str(parameter.name) for parameter in guessed})
        arrays = whole_arrays_below(value, self.context.origins)
        names = {str(parameter.name) for parameter in self.context.guessed}
        if names & arrays.keys():
            types = {name: arrays[name] for name in names & arrays.keys()}
            raise ParameterTypes(types)
        raise self.problem(
            node,
            "a whole number is expected here, not a float",
            "write `int(...)`, or annotate the parameter as `int`",
        )

    def truth(self, item: Item, node: AnyNode) -> Value:
        """Whether an item is true, as Python's ``if`` sees it."""
        return self._decision(node, item)

    def _decision(self, node: AnyNode, value: Item) -> Value:
        if isinstance(value, Value) and value.type.rank:
            message = "an array is neither true nor false: it has many elements"
            hint = "write `np.all(...)` or `np.any(...)`, or choose by `np.where`"
            raise self.problem(node, message, hint)
        if is_word(value):
            return self.builder.constant(isinstance(value, str) and value != "")
        return self.builder.condition(self.checked(value, node), self.where(node))

    # -- names

    def _unknown_name(self, node: Node) -> Item:
        item = self.find(str(node.value), node)
        if isinstance(item, Refused):
            raise self.problem(node, item.message, item.hint)
        if item is None:
            known = [*self.env, *self.local_names]
            hint = did_you_mean(str(node.value), known)
            raise self.problem(node, f"unknown name `{node.value}`", hint)
        if is_once(item):
            self._gone_through(node, item)
        self._check_given(node, item)
        return item

    def _gone_through(self, node: Node, item: Item) -> None:
        """A name of what can be gone through only once is read: not again.

        Raises SourceError where it cannot be told whether this is the only time, or
        where the arrays that it reads may have changed.
        """
        name = str(node.value)
        depth, before = self.bound_at.get(name, (-1, {}))
        here = self.env.get(name) is item and depth == self.builder.depth
        refused = Refused(
            f"`{name}` can be gone through only once, and not under a condition",
            "write it out in each place, or make a list of it: `list(...)`",
        )
        if not here or not self.unchanged(item, before):
            raise self.problem(node, refused.message, refused.hint)
        self.env[name] = refused

    def _check_given(self, node: Node, item: Item) -> None:
        """Raise what Python raises for a name that was not assigned on this path."""
        value = next(leaves(item), None)
        unsure = value is not None and value in self.context.unsure
        if value is not None and unsure and node.start not in self.sure:
            name = f"cannot access local variable '{node.value}'"
            text = (
                f'UnboundLocalError("{name} where it is not associated with a value")'
            )
            self.builder.guard(self.context.given[value], text, self.where(node))

    def bind(self, name: str, item: Item) -> None:
        """Let a name stand for an item; a value without a name takes this one."""
        unnamed = isinstance(item, Value) and item.op is not None and item.name is None
        if unnamed and not self.scope.ours:
            item.name = name
        if isinstance(item, Function) and item.name == "<lambda>":
            item.name = name
        if not self.scope.ours:
            name_parts(item, name)
        if is_once(item):
            self.bound_at[name] = self.builder.depth, dict(self.env)
        self.env[name] = item

    def _begin(self, names: Mapping[str, Item]) -> None:
        """Let the names stand for these items, and for nothing else."""
        self.env = dict(names)
        for name, item in names.items():
            if is_once(item):
                self.bound_at[name] = self.builder.depth, self.env.copy()

    # -- what is gone through

    def sequence(self, item: Item, node: AnyNode) -> tuple[Item, ...]:
        """The items of what is looped over, which has to be static."""
        self.check_no_instance(item, node)
        if isinstance(item, tuple):
            return item
        if isinstance(item, Waiting):
            return tuple([compute() for compute in item.items])
        if isinstance(item, Dictionary):
            return tuple(self.key_item(node, key) for key in item.entries)
        many = isinstance(item, (Elements, Generator, Columns))
        if many or (isinstance(item, Value) and item.type.rank):
            message = "the number of these elements has to be known when they are read"
            raise self.problem(node, message, "write a loop over `range(...)`")
        if not isinstance(item, Range):
            message = f"this is {described(item)}, it has no items"
            raise self.problem(node, message, "a range or a tuple is expected")
        numbers = item.numbers
        if numbers is None or len(numbers) > MAX_STATIC:
            message = "the numbers of this range have to be known when it is read"
            raise self.problem(node, message, "loop over the range itself")
        return tuple(map(self.builder.constant, numbers))

    def key_item(self, node: AnyNode, key: object) -> Item:
        """The key of a dictionary as an item."""
        if key is None or isinstance(key, str):
            return NONE if key is None else key
        if isinstance(key, int | float):
            return self.builder.constant(key)
        raise self.problem(node, f"the key {key!r} is neither a text nor a number")

    # -- what the classes below say

    def attempt(self, action: Callable[[], None], *reasons: type[Exception]) -> bool:
        """Lower something; if that raises one of these, all is as it was, and False."""
        raise NotImplementedError

    def invoked(self, node: Node, callee: Item, *arguments: Item) -> Item:
        """What a call gives, of what is called and its arguments."""
        raise NotImplementedError

    def find(self, name: str, node: Node) -> Item | None:
        """What a name stands for, in this call or around it; None where unknown."""
        raise NotImplementedError

    def elements(self, node: AnyNode, item: Item) -> Elements | None:
        """The elements of what has a number of them that is not known; else None."""
        raise NotImplementedError

    def unchanged(self, item: Item, before: Mapping[str, Item]) -> bool:
        """Whether no array that the elements of an item are of has changed since.

        ``before`` is what the names stood for.
        """
        raise NotImplementedError

    def assign(self, target: ast.expr, item: Item) -> None:
        """Bind the names of a target."""
        raise NotImplementedError

    def run_statements(
        self, statements: Sequence[ast.stmt], names: Mapping[str, Item]
    ) -> Item:
        """What statements return, that end with a ``return``, with these names."""
        raise NotImplementedError
