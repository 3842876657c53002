"""The expressions of Python functions, on top of those that all front ends share."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from adjoint.errors import SourceError, did_you_mean
from adjoint.frontend.arrays import access, list_methods, lists, numpy_functions, stores
from adjoint.frontend.arrays.aliases import own_items, unchanged
from adjoint.frontend.arrays.elements import elements_of
from adjoint.frontend.arrays.known_lists import note_met
from adjoint.frontend.function import (
    builtins,
    data_classes,
    dictionaries,
    operators,
    records,
    subscripts,
    words,
)
from adjoint.frontend.function.calls import named_defaults, with_partial
from adjoint.frontend.function.comprehensions import (
    collected,
    comprehension,
    generated,
    waiting,
)
from adjoint.frontend.function.derivatives import derived_result
from adjoint.frontend.function.library import library_function, library_scopes
from adjoint.frontend.function.unpacking import no_target, unpack
from adjoint.frontend.lower import Side
from adjoint.frontend.python.arithmetic import bits, power
from adjoint.frontend.python.by_use import UnknownRank
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.item_shapes import (
    Shape,
    filled,
    joined_shape,
    leaf_types,
    leaves,
    shape_of,
)
from adjoint.frontend.python.items import (
    BROUGHT,
    NONE,
    Apart,
    Builtin,
    Columns,
    Derived,
    Dictionary,
    Elements,
    Function,
    Generator,
    Item,
    ListItem,
    Method,
    Module,
    Own,
    Partial,
    Record,
    RecordClass,
    Refused,
    Spread,
    described,
    is_list,
    is_word,
    spread,
)
from adjoint.frontend.python.lowering import AnyNode, FunctionLowering
from adjoint.frontend.python.refusals import METHODS, MODULES
from adjoint.frontend.syntax import Node
from adjoint.ir.program import Block, Value
from adjoint.ir.types import BOOL, FLOAT, INT, Type
from adjoint.rules.operation import OwnOperation

#: The modules whose functions take generators as they are.
_LAZY_MODULES = ("builtins", "math", "functools", "itertools", "operator")


class Expressions(FunctionLowering):
    """Lowers the expressions of one function, in one call of it."""

    def find(self, name: str, node: Node) -> Item | None:
        """See `FunctionLowering`."""
        frame: FunctionLowering | None = self
        while frame is not None:
            if name in frame.env:
                return frame.env[name]
            if name in frame.local_names:
                message = f"`{name}` is read before anything is assigned to it"
                return Refused(message, "assign to it beforehand, on every path")
            frame = frame.frame
        found = self.scope.find(name, self, node)
        own = self.context.own.get(name)
        if own is not None and (found is None or isinstance(found, Refused)):
            return Own(own)
        if found is None and builtins.is_known("builtins", name):
            return Builtin("builtins", name)
        return found

    # -- kinds of nodes: what each makes of its parts

    def _unary_or_call(self, node: Node, operands: tuple[Item, ...]) -> Item:
        finish = _KINDS.get(node.kind)
        if finish is None:
            return super()._unary_or_call(node, operands)
        return finish(self, node, *operands)

    def _scalar(self, node: Node, item: Item) -> Item:
        return self.checked(item, node.parts[0])

    def _tuple(self, node: Node, *items: Item) -> Item:
        return tuple(self._spread(node, own_items(self, node.parts, items)))

    def _list(self, node: Node, *items: Item) -> Item:
        return ListItem(self._spread(node, own_items(self, node.parts, items)))

    def _spread(self, node: Node, items: Sequence[Item]) -> Iterator[Item]:
        """The items one by one. Raises SourceError where their number is not known."""
        for item in spread(items):
            if isinstance(item, Apart):
                self.sequence(item.of, node)
            yield item

    def _starred(self, node: Node, item: Item) -> Item:
        if isinstance(item, Columns) and not (item.kind and item.kind.data):
            return Spread((Apart(item),))
        return Spread(tuple(self.sequence(item, node.parts[0])))

    def _named(self, node: Node, item: Item) -> Item:
        name = str(node.value)
        hint = "write the assignment in a line of its own"
        if self.builder.depth != self.depth or name not in self.local_names:
            message = "`:=` stands where it may be skipped, or is done many times"
            raise self.problem(node, message, hint)
        is_number = isinstance(item, Value) and not item.type.rank
        if name in self.changing and not is_number:
            message = f"`{name}` is changed in place, and assigned by `:=`"
            raise self.problem(node, message, hint)
        self.bind(name, item)
        return item

    def _attribute(self, node: Node, item: Item) -> Item:
        name = str(node.value)
        found: Item | None = None
        if isinstance(item, Module) and item.name in BROUGHT and item.scope is None:
            found = builtins.of_module(self.builder, item.name, name)
        elif isinstance(item, Dictionary) and name in dictionaries.METHODS:
            return Method(item, name)
        elif is_list(item):
            return list_methods.attribute(self, node, item)
        elif isinstance(item, Record | RecordClass):
            return records.attribute(self, node, item)
        elif isinstance(item, Value) and _is_of_arrays(name):
            return access.attribute(self, node, item)
        elif isinstance(item, Module) and item.scope is not None:
            found = item.scope.find(name, self, node)
        elif isinstance(item, Builtin):  # a method of a function: np.add.outer
            method = f"{item.name}.{name}"
            found = builtins.of_module(self.builder, item.module, method)
        if found is None and not isinstance(item, Module):
            raise _unknown_attribute(self, node, item)
        if isinstance(found, Refused):
            raise self.problem(node, found.message, found.hint)
        if found is None:
            known = builtins.names_of(item.name)
            message = f"`{item.name}.{name}` is not supported"
            hint = MODULES.get(f"{item.name}.{name}") or did_you_mean(name, known)
            raise self.problem(node, message, hint)
        return found

    def _callee(self, node: Node) -> Item:
        name = str(node.value)
        item = self.find(name, node)
        if isinstance(item, Refused):
            raise self.problem(node, item.message, item.hint)
        if item is None:
            hint = did_you_mean(name, [*builtins.NAMES, *self.local_names])
            hint = hint or "define it in the same module, or import it"
            raise self.problem(node, f"unknown function `{name}`", hint)
        return item

    def invoked(self, node: Node, callee: Item, *arguments: Item) -> Item:
        """See `FunctionLowering`."""
        if isinstance(callee, Partial):
            node, arguments = with_partial(node, callee, arguments)
            return self.invoked(node, callee.function, *arguments)
        names: tuple[str, ...] = node.value  # type: ignore[assignment]
        at = len(arguments) - len(names)
        if not (isinstance(callee, Builtin) and callee.module in _LAZY_MODULES):
            arguments = tuple(map(_as_list, arguments))
        keywords = dict(zip(names, arguments[at:], strict=True))
        positional = tuple(spread(arguments[:at]))
        if callee != _ZIP:
            positional = tuple(self._spread(node, arguments[:at]))
        if len(positional) != at:
            node = _with_parts_spread(node, arguments[:at])
        call = Call(self, node, positional, keywords)
        if isinstance(callee, Builtin):
            data_classes.check_no_instances(call, callee)
        if isinstance(callee, Function):
            return self.inlined(call, callee)
        if isinstance(callee, Builtin) and _is_of_library(callee):
            return self._of_library(call, callee.name)
        result = _RESULTS.get(type(callee))
        if result is not None:
            return result(call, callee)
        message = f"this is {described(callee)}, it cannot be called"
        hint = "did you mean `*(...)`?" if isinstance(callee, Value) else None
        raise self.problem(node, message, hint)

    def _of_library(self, call: Call, name: str) -> Item:
        """The result of a function of the library; what is wrong is so at the call."""
        try:
            return self.inlined(call, library_function(call, name))
        except SourceError as error:
            if all(error.source != scope.name for scope in library_scopes()):
                raise
            here = call.problem(error.message, error.hint)
            raise type(error)(*here.args) from None  # a call may tell an UnknownRank

    def inlined(self, call: Call, function: Function) -> Item:
        """The result of a function of the user's."""
        raise NotImplementedError

    def _lambda(self, node: Node, *items: Item) -> Item:
        python: ast.Lambda = node.value  # type: ignore[assignment]
        defaults = named_defaults(python.args, items)
        return Function("<lambda>", python, self.text, self.scope, self, defaults)

    # -- conditional expressions, of numbers and of tuples

    def _decision(self, node: AnyNode, value: Item) -> Value:
        if is_list(value):
            return lists.truth(self, node, value)
        return super()._decision(node, value)

    def _truth(self, node: Node, item: Item) -> Value:
        if is_list(item):
            return lists.truth(self, node, item)
        if is_word(item):
            return self._decision(node, item)
        return self.checked(item, node.parts[0])

    def _met(self, node: Node, condition: Value, then: Side, orelse: Side) -> Item:
        (then_block, a), (else_block, b) = then, orelse
        if b is None:
            b = filled(shape_of(a), map(self._zero, leaf_types(shape_of(a))))
        shape = self.common_shape(node, a, b)
        for block, item in ((then_block, a), (else_block, b)):
            item = self.fitted_in(block, item, shape, node)
            block.results = tuple(leaves(item))
        where = self._at(node)
        values = self.builder.branch(condition, then_block, else_block, where)
        found = filled(shape, iter(values))
        note_met(self, found, a, b)
        return found

    def fitted_in(self, block: Block, item: Item, shape: Shape, node: AnyNode) -> Item:
        """The item that a block yields, in a shape that holds others as well."""
        if shape_of(item) == shape:
            return item
        self.builder.reopen(block)
        item = lists.fitted(self, node, item, shape)
        self.builder.close()
        return item

    def _zero(self, type: Type) -> Value:
        return self.builder.constant({FLOAT: 0.0, INT: 0, BOOL: False}[type])

    def common_shape(self, node: AnyNode, a: Item, b: Item) -> Item:
        """The shape of two items that meet. Raises SourceError where there is none."""
        try:
            return joined_shape(shape_of(a), shape_of(b))
        except TypeError as error:
            message = f"what meets here is of two kinds: {error}"
            raise self.problem(node, message, "make them the same") from None

    # -- what is gone through

    def elements(self, node: AnyNode, item: Item) -> Elements | None:
        """See `FunctionLowering`."""
        if isinstance(item, Generator):
            item = collected(item)
        return elements_of(self, node, item)

    def unchanged(self, item: Item, before: Mapping[str, Item]) -> bool:
        """See `FunctionLowering`."""
        return not isinstance(item, Elements) or unchanged(self, item, before)

    # -- assignment

    def assign(self, target: ast.expr, item: Item) -> None:
        """See `FunctionLowering`."""
        if isinstance(target, ast.Name):
            self.bind(target.id, item)
        elif isinstance(target, ast.Subscript):
            entry = dictionaries.is_entry(self, target)
            (dictionaries if entry else stores).store(self, target, item)
        elif isinstance(target, (ast.Tuple, ast.List)):
            unpack(self, target, item)
        else:
            raise no_target(self, target)


#: What takes the tuples of a list of them as arguments.
_ZIP = Builtin("builtins", "zip")


def _as_list(item: Item) -> Item:
    """The list that a comprehension makes, which waits where it is an argument."""
    waits = isinstance(item, Generator) and isinstance(item.node, ast.ListComp)
    return collected(item) if waits else item


def _with_parts_spread(node: Node, arguments: Sequence[Item]) -> Node:
    """The node of a call, with a part for each item behind a ``*``."""
    callee, *parts = node.parts
    found = [callee]
    for argument, part in zip(arguments, parts, strict=False):
        count = len(argument.items) if isinstance(argument, Spread) else 1
        found += [part] * count
    found += parts[len(arguments) :]
    return Node(node.kind, node.value, tuple(found), node.start, node.end)


def _is_of_library(function: Builtin) -> bool:
    return function.module == "numpy" and function.name in numpy_functions.in_library()


def _is_of_arrays(name: str) -> bool:
    return name in access.ATTRIBUTES or name in numpy_functions.METHODS


def _unknown_attribute(
    lowering: FunctionLowering, node: Node, item: Item
) -> SourceError:
    """The error for an attribute that is not known, with what to do."""
    name = str(node.value)
    if isinstance(item, Value) and not hasattr(float, name):
        # what is taken for a number may be meant as an array, or as a `NamedTuple`
        known = [*access.ATTRIBUTES, *numpy_functions.METHODS]
        hint = METHODS.get(name) or did_you_mean(name, known)
        if hint or item.type.rank:
            message = f"`{name}` of an array is not supported"
            return lowering.problem(node, message, hint)
        if item in lowering.context.guessed:
            message = f"it is not known what `{item.name}` is, of which this is read"
            hint = f"annotate it, as by `{item.name}: State` for a `NamedTuple`"
            return UnknownRank(*lowering.problem(node, message, hint).args)
    message = f"attributes are not supported: this is {described(item)}"
    return lowering.problem(node, message, "pass the number as a parameter")


def _own_result(call: Call, own: Own) -> Item:
    operation = own.operation
    assert isinstance(operation, OwnOperation)
    numbers = list(call.numbers(len(operation.operands)))
    for at in operation.whole:
        numbers[at] = call.lowering.whole(numbers[at], call.node.parts[1 + at])
    return call.apply(operation, *numbers)


def _method_result(call: Call, called: Method) -> Item:
    if isinstance(called.of, Dictionary):
        return dictionaries.method(call, called)
    if isinstance(called.of, Record | RecordClass):
        return records.method(call, called)
    methods = list_methods if is_list(called.of) else numpy_functions
    return methods.method(call, called)


#: What the call of each kind of thing gives, beside the user's functions.
_RESULTS: dict[type, Callable[[Call, Any], Item]] = {
    Own: _own_result,
    Builtin: builtins.result,
    Method: _method_result,
    Derived: derived_result,
    RecordClass: records.made,
}

_KINDS: dict[str, Callable[..., Item]] = {
    "scalar": Expressions._scalar,
    "truth": Expressions._truth,
    "tuple": Expressions._tuple,
    "list": Expressions._list,
    "starred": Expressions._starred,
    "named": Expressions._named,
    "dict": dictionaries.dictionary,
    "entries": dictionaries.of_pairs,
    "attribute": Expressions._attribute,
    "subscript": subscripts.subscripted,
    "callee": Expressions._callee,
    "invoke": Expressions.invoked,
    "lambda": Expressions._lambda,
    "operator": operators.operator,
    "power": lambda self, node, a, b: power(self, a, b, self.where(node)),
    "matmul": operators.matmul,
    "test": words.tested,
    "bits": bits,
    "generator": comprehension,
    "argument": generated,
    "waiting": waiting,
    "text": lambda self, node: node.value,
    "nothing": lambda self, node: NONE,
}
