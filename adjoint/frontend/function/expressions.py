"""The expressions of Python functions, on top of those that all front ends share."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from adjoint.errors import SourceError, did_you_mean
from adjoint.frontend.arrays import access, numpy_functions
from adjoint.frontend.arrays.elements import elements_of
from adjoint.frontend.function import builtins
from adjoint.frontend.function.call import Call
from adjoint.frontend.function.derivatives import derived_result
from adjoint.frontend.function.flow import assigned_names
from adjoint.frontend.function.items import (
    BROUGHT,
    Builtin,
    Derived,
    Elements,
    Function,
    Item,
    ListItem,
    Method,
    Module,
    Own,
    Range,
    Refused,
    Scope,
    described,
    filled,
    joined_shape,
    leaf_types,
    leaves,
    shape_of,
)
from adjoint.frontend.function.nodes import convert
from adjoint.frontend.function.text import Text
from adjoint.frontend.lower import Lowering, Side
from adjoint.frontend.syntax import Node
from adjoint.ir.builder import Builder
from adjoint.ir.identities import MAX_BITS
from adjoint.ir.program import IF, Op, Value
from adjoint.ir.types import BOOL, FLOAT, INT, Type
from adjoint.rules.operation import Operation

_BITS = {"<<": "lshift", ">>": "rshift", "&": "bitand", "|": "bitor", "^": "bitxor"}
#: ``&``, ``|`` and ``^`` of truth values.
_TRUTHS = {"&": "and", "|": "or", "^": "ne"}
#: Operations that give whole numbers of whole numbers.
WHOLE = {"add", "sub", "mul", "neg", "floordiv", "mod", "abs", "min", "max"}
WHOLE |= {"square", "power", "pow"}
#: The longest range that is taken as a static sequence.
_MAX_STATIC = 10_000


class IntParameter(Exception):
    """Parameters taken for floats turn out to be whole numbers, by their use."""

    def __init__(self, names: set[str]):
        super().__init__(names)
        self.names = names


@dataclass
class Context:
    """What all calls have in common while one function is read.

    ``guessed`` are the parameters whose type is by use; ``origins`` what the parameters
    of loops are before the first iteration; ``unroll`` the longest literal
    range that is unrolled; ``constants`` the constants that were taken in. ``given``
    says of a name's value whether it was assigned on the path that was taken; those in
    ``unsure`` are something (None) where it was not, so that Python would not notice.
    ``own`` are the functions with rules of the user's own, by name; ``frames`` are the
    calls under way; ``stores`` is whether any of them stores something in an array.
    """

    builder: Builder
    text: Text
    unroll: float
    guessed: set[Value] = field(default_factory=set)
    origins: dict[Value, Value] = field(default_factory=dict)
    constants: dict[str, float] = field(default_factory=dict)
    given: dict[Value, Value] = field(default_factory=dict)
    unsure: set[Value] = field(default_factory=set)
    own: Mapping[str, Operation] = field(default_factory=dict)
    active: list[tuple[ast.AST, int]] = field(default_factory=list)
    calls: int = 0
    frames: list[Expressions] = field(default_factory=list)
    stores: bool = False


class Expressions(Lowering):
    """Lowers the expressions of one function, in one call of it.

    ``env`` says what the names stand for now; ``frame`` is the call around this one
    that it was defined in.
    """

    def __init__(
        self,
        context: Context,
        text: Text,
        scope: Scope,
        frame: Expressions | None = None,
        place: int | None = None,
    ):
        super().__init__(text.source, context.builder, {}, self._unknown_name, place)
        self.context = context
        self.text = text
        self.scope = scope
        self.frame = frame
        self.env: dict[str, Item] = {}
        self.local_names: frozenset[str] = frozenset()
        #: the names that are read behind the statement that is lowered
        self.behind: frozenset[str] = frozenset()

    # -- the door

    def item(self, expression: ast.expr) -> Item:
        """What an expression stands for."""
        return self.value(convert(expression, self.text))

    def number(self, expression: ast.expr) -> Value:
        """The value of an expression that has to be a number."""
        return self.checked(self.item(expression), expression)

    def checked(self, item: Item, node: ast.AST | Node) -> Value:
        """The item, which has to be a number."""
        if isinstance(item, Value):
            return item
        raise self.problem(node, f"a number is expected here, not {described(item)}")

    def problem(
        self, node: ast.AST | Node, message: str, hint: str | None = None
    ) -> SourceError:
        """The error to raise for a node of either tree."""
        if isinstance(node, Node):
            return self.source.error(node.start, node.end, message, hint)
        return self.text.error(node, message, hint)

    def where(self, node: ast.AST | Node) -> int:
        """Where operations that come of a node are placed."""
        if self.place is not None:
            return self.place
        return node.start if isinstance(node, Node) else self.text.start(node)

    def whole(self, value: Value, node: ast.AST | Node) -> Value:
        """The value, which has to be a whole number."""
        if value.type in (INT, BOOL):
            return value
        if value.type.rank:
            raise self.problem(node, "a whole number is expected here, not an array")
        below = parameters_below(value, self.context.origins, WHOLE)
        guessed = below & self.context.guessed
        if guessed:
            raise IntParameter({str(parameter.name) for parameter in guessed})
        raise self.problem(
            node,
            "a whole number is expected here, not a float",
            "write `int(...)`, or annotate the parameter as `int`",
        )

    # -- names

    def _unknown_name(self, node: Node) -> Item:
        item = self.find(str(node.value), node)
        if isinstance(item, Refused):
            raise self.problem(node, item.message, item.hint)
        if item is None:
            known = [*self.env, *self.local_names]
            hint = did_you_mean(str(node.value), known)
            raise self.problem(node, f"unknown name `{node.value}`", hint)
        self._check_given(node, item)
        return item

    def _check_given(self, node: Node, item: Item) -> None:
        """Raise what Python raises for a name that was not assigned on this path."""
        value = next(leaves(item), None)
        if value is not None and value in self.context.unsure:
            name = f"cannot access local variable '{node.value}'"
            text = (
                f'UnboundLocalError("{name} where it is not associated with a value")'
            )
            self.builder.guard(self.context.given[value], text, self.where(node))

    def find(self, name: str, node: Node) -> Item | None:
        """What a name stands for, in this call or around it; None where unknown."""
        frame: Expressions | None = self
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
        return items

    def _attribute(self, node: Node, item: Item) -> Item:
        name = str(node.value)
        found: Item | None = None
        if isinstance(item, Module) and item.name in BROUGHT and item.scope is None:
            found = builtins.of_module(self.builder, item.name, name)
        elif isinstance(item, Value) and _is_of_arrays(name):
            return access.attribute(self, node, item)
        elif isinstance(item, Module) and item.scope is not None:
            found = item.scope.find(name, self, node)
        else:
            message = f"attributes are not supported: this is {described(item)}"
            raise self.problem(node, message, "pass the number as a parameter")
        if isinstance(found, Refused):
            raise self.problem(node, found.message, found.hint)
        if found is None:
            known = builtins.names_of(item.name)
            message = f"`{item.name}.{name}` is not supported"
            raise self.problem(node, message, did_you_mean(name, known))
        return found

    def _subscript(self, node: Node, item: Item, *indices: Item) -> Item:
        if isinstance(item, Value):
            return access.read(self, node, item, indices)
        if not isinstance(item, tuple):
            message = (
                f"only arrays and tuples can be subscripted, not {described(item)}"
            )
            raise self.problem(node.parts[0], message)
        if node.value != ("a",):
            message = "a tuple takes one index, and no slices"
            raise self.problem(node, message)
        (index,) = indices
        number = self.checked(index, node.parts[1]).number
        if not isinstance(number, int):
            message = "the index of a tuple has to be known when the function is read"
            hint = "write a number, loop over the tuple, or unroll the loop"
            raise self.problem(node.parts[1], message, hint)
        if not -len(item) <= number < len(item):
            message = f"there is no item {number} in a tuple of {len(item)}"
            raise self.problem(node.parts[1], message)
        return item[number]

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

    def _invoke(self, node: Node, callee: Item, *arguments: Item) -> Item:
        names: tuple[str, ...] = node.value  # type: ignore[assignment]
        at = len(arguments) - len(names)
        keywords = dict(zip(names, arguments[at:], strict=True))
        if isinstance(callee, Function):
            return self.inlined(node, callee, arguments[:at], keywords)
        if isinstance(callee, Own):
            call = Call(self, node, arguments[:at], keywords)
            count = len(callee.operation.operands)
            return call.apply(callee.operation, *call.numbers(count))
        if isinstance(callee, Builtin):
            call = Call(self, node, arguments[:at], keywords)
            return builtins.result(call, callee)
        if isinstance(callee, Method):
            call = Call(self, node, arguments[:at], keywords)
            return numpy_functions.method(call, callee)
        if isinstance(callee, Derived):
            call = Call(self, node, arguments[:at], keywords)
            return derived_result(call, callee)
        message = f"this is {described(callee)}, it cannot be called"
        hint = "did you mean `*(...)`?" if isinstance(callee, Value) else None
        raise self.problem(node, message, hint)

    def inlined(
        self,
        node: Node,
        function: Function,
        arguments: tuple[Item, ...],
        keywords: Mapping[str, Item],
    ) -> Item:
        """The result of a function of the user's."""
        raise NotImplementedError

    def _lambda(self, node: Node, *items: Item) -> Item:
        python: ast.Lambda = node.value  # type: ignore[assignment]
        defaults = named_defaults(python.args, items)
        return Function("<lambda>", python, self.text, self.scope, self, defaults)

    # -- conditional expressions, of numbers and of tuples

    def _decision(self, node: Node, value: Item) -> Value:
        return self.builder.condition(self.checked(value, node), self._at(node))

    def _met(self, node: Node, condition: Value, then: Side, orelse: Side) -> Item:
        (then_block, a), (else_block, b) = then, orelse
        if b is None:
            b = filled(shape_of(a), map(self._zero, leaf_types(shape_of(a))))
        shape = self.common_shape(node, a, b)
        then_block.results, else_block.results = tuple(leaves(a)), tuple(leaves(b))
        where = self._at(node)
        values = self.builder.branch(condition, then_block, else_block, where)
        return filled(shape, iter(values))

    def _zero(self, type: Type) -> Value:
        return self.builder.constant({FLOAT: 0.0, INT: 0, BOOL: False}[type])

    def common_shape(self, node: ast.AST | Node, a: Item, b: Item) -> Item:
        """The shape of two items that meet. Raises SourceError where there is none."""
        try:
            return joined_shape(shape_of(a), shape_of(b))
        except TypeError as error:
            message = f"what meets here is of two kinds: {error}"
            raise self.problem(node, message, "make them the same") from None

    # -- operators on whole numbers

    def _bits(self, node: Node, *operands: Value) -> Value:
        sign, where = str(node.value), self._at(node)
        pairs = zip(operands, node.parts, strict=True)
        operands = tuple(self.whole(value, part) for value, part in pairs)
        if sign == "~":  # ~a is -1 - a
            return self.builder.emit(
                "sub", self.builder.constant(-1), *operands, where=where
            )
        if sign in _TRUTHS and operands[0].type == operands[1].type == BOOL:
            return self.builder.emit(_TRUTHS[sign], *operands, where=where)
        shift = operands[1].number
        if sign == "<<" and isinstance(shift, int) and shift > MAX_BITS:
            raise self.problem(node, "this shift is too large to compute")
        return self.builder.emit(_BITS[sign], *operands, where=where)

    def _matmul(self, node: Node, a: Value, b: Value) -> Value:
        for operand in (a, b):
            access.unknown_rank(self, node, operand)
            if not operand.type.rank:
                raise self.problem(node, "`@` is of arrays, and this is a number")
        return self.builder.emit("matmul", a, b, where=self._at(node))

    def _power(self, node: Node, base: Value, exponent: Value) -> Value:
        return self.power(base, exponent, self._at(node))

    def power(self, base: Value, exponent: Value, where: int) -> Value:
        """``base ** exponent``; that of whole numbers is one where Python's is."""
        number = exponent.number
        whole = base.type in (INT, BOOL) and isinstance(number, int) and number >= 0
        if whole and number == 2:
            return self.builder.emit("square", base, where=where)
        value = self.builder.emit("pow", base, exponent, where=where)
        if whole and value.op is not None:
            value.type = INT
        return value

    # -- generators over what is static

    def _generator(self, node: Node) -> Item:
        python: ast.GeneratorExp = node.value  # type: ignore[assignment]
        inner = self.inside(python)
        clause = python.generators[0]
        if len(python.generators) == 1 and not clause.ifs:
            elements = inner.dynamic(python, inner.item(clause.iter))
            if elements is not None:
                return elements
        items: list[Item] = []
        inner.collect(python, 0, items)
        return tuple(items)

    def dynamic(self, python: ast.GeneratorExp, item: Item) -> Elements | None:
        """The items of a generator whose number is not known; None where it is."""
        clause = python.generators[0]
        elements = elements_of(self, clause.iter, item)
        name = clause.target.id if isinstance(clause.target, ast.Name) else "i"
        if isinstance(item, Range):
            numbers = item.numbers
            if numbers is None or len(numbers) > _MAX_STATIC:
                elements = Elements(item, lambda index: index, name)
        if elements is None:
            return None
        inner = elements

        def at(index: Value) -> Item:
            self.assign(clause.target, inner.at(index))
            return self.item(python.elt)

        whole = isinstance(python, ast.ListComp)
        return Elements(inner.range, at, inner.name, inner.of, whole)

    def inside(self, python: ast.GeneratorExp) -> Expressions:
        """A scope inside this call, for the names of a generator."""
        inner = type(self)(self.context, self.text, self.scope, self, self.place)
        targets = [clause.target for clause in python.generators]
        inner.local_names = frozenset(assigned_names(targets))
        return inner

    def collect(self, python: ast.GeneratorExp, at: int, items: list[Item]) -> None:
        """Add the items of a generator from its clause ``at`` on."""
        if at == len(python.generators):
            items.append(self.item(python.elt))
            return
        clause = python.generators[at]
        for item in self.sequence(self.item(clause.iter), clause.iter):
            self.assign(clause.target, item)
            if all(self._holds(test) for test in clause.ifs):
                self.collect(python, at + 1, items)

    def _holds(self, test: ast.expr) -> bool:
        condition = self.builder.condition(self.number(test))
        if condition.number is None:
            message = "this condition has to be known when the function is read"
            raise self.problem(test, message, "write a loop")
        return bool(condition.number)

    def sequence(self, item: Item, node: ast.AST | Node) -> tuple[Item, ...]:
        """The items of what is looped over, which has to be static."""
        if isinstance(item, tuple):
            return item
        if isinstance(item, Elements) or (isinstance(item, Value) and item.type.rank):
            message = "the number of these elements has to be known when they are read"
            raise self.problem(node, message, "write a loop over `range(...)`")
        if not isinstance(item, Range):
            message = f"this is {described(item)}, it has no items"
            raise self.problem(node, message, "a range or a tuple is expected")
        numbers = item.numbers
        if numbers is None or len(numbers) > _MAX_STATIC:
            message = "the numbers of this range have to be known when it is read"
            raise self.problem(node, message, "loop over the range itself")
        return tuple(map(self.builder.constant, numbers))

    # -- assignment

    def assign(self, target: ast.expr, item: Item) -> None:
        """Bind the names of a target."""
        if isinstance(target, ast.Name):
            self.bind(target.id, item)
        elif isinstance(target, ast.Subscript):
            access.store(self, target, item)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, item)
        else:
            raise self._no_target(target)

    def bind(self, name: str, item: Item) -> None:
        """Let a name stand for an item; a value without a name takes this one."""
        if isinstance(item, Value) and item.op is not None and item.name is None:
            item.name = name
        if isinstance(item, Function) and item.name == "<lambda>":
            item.name = name
        self.env[name] = item

    def _unpack(self, target: ast.Tuple | ast.List, item: Item) -> None:
        if not isinstance(item, (tuple, Range)):
            raise self.problem(target, f"{described(item)} cannot be unpacked")
        items = self.sequence(item, target)
        for part in target.elts:
            if isinstance(part, ast.Starred):
                raise self._no_target(part)
        if len(items) != len(target.elts):
            message = f"{len(items)} items cannot be unpacked to {len(target.elts)}"
            raise self.problem(target, f"{message} names")
        for part, inner in zip(target.elts, items, strict=True):
            self.assign(part, inner)

    def _no_target(self, target: ast.expr) -> SourceError:
        if isinstance(target, ast.Attribute):
            message = "attributes cannot be assigned to"
            return self.problem(target, message, "use a plain name, and return it")
        message = "`*` is not supported in an assignment"
        return self.problem(target, message, "write the names one by one")


def _is_of_arrays(name: str) -> bool:
    return name in access.ATTRIBUTES or name in numpy_functions.METHODS


def named_defaults(
    arguments: ast.arguments, items: tuple[Item, ...]
) -> dict[str, Item]:
    """The defaults by the names of their parameters, from their values in order."""
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    with_default += [one for one, default in pairs if default is not None]
    return {
        argument.arg: item for argument, item in zip(with_default, items, strict=True)
    }


def parameters_below(
    value: Value, origins: Mapping[Value, Value], through: set[str] | None
) -> set[Value]:
    """The parameters that a value is computed from by the operations ``through``.

    None stands for any operations.
    """
    found: set[Value] = set()
    seen: set[Value] = set()
    pending = [value]
    while pending:
        value = pending.pop()
        if value in seen:
            continue
        seen.add(value)
        if value in origins:
            pending.append(origins[value])
        elif value.op is None and value.number is None and value.type == FLOAT:
            found.add(value)
        elif value.op is not None:
            pending.extend(_made_of(value, value.op, through))
    return found


def _made_of(value: Value, op: Op, through: set[str] | None) -> Sequence[Value]:
    """What is whole if the result ``value`` of the operation is."""
    if op.operation is IF:
        at = op.results.index(value)
        return [block.results[at] for block in op.blocks]
    if op.blocks:
        at = op.results.index(value) - len(op.results)
        return [op.operands[at]]
    return op.operands if through is None or op.operation.name in through else ()


_KINDS: dict[str, Callable[..., Item]] = {
    "scalar": Expressions._scalar,
    "tuple": Expressions._tuple,
    "list": lambda self, node, *items: ListItem(items),
    "attribute": Expressions._attribute,
    "subscript": Expressions._subscript,
    "callee": Expressions._callee,
    "invoke": Expressions._invoke,
    "lambda": Expressions._lambda,
    "power": Expressions._power,
    "matmul": Expressions._matmul,
    "bits": Expressions._bits,
    "generator": Expressions._generator,
    "text": lambda self, node: node.value,
}
