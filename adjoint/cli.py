"""What a user types: the command ``adjoint``."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from adjoint._version import __version__
from adjoint.errors import AdjointError, OptionError
from adjoint.files import write_atomically

_OPTION = re.compile(r"--[a-z][a-z-]*(=.*)?\Z", re.DOTALL)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command; every error is one message and exit code 2."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _commands.main(
            [_protected(argument) for argument in given],
            prog_name="adjoint",
            standalone_mode=False,
        )
    except AdjointError as error:
        click.echo(f"adjoint: {error}", err=True)
        code = 2
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    except BrokenPipeError:
        sys.stderr.close()
        code = 0
    except OSError as error:  # what is in the way of a file, its reader has said
        click.echo(f"adjoint: cannot write the output: {error.strerror}", err=True)
        sys.stdout = None  # so that it is not tried again
        code = 2
    sys.exit(code or 0)


def _protected(argument: str) -> str:
    """``-x**2`` is a formula and no option; a space in front says so to the parser."""
    if len(argument) > 2 and argument[0] == "-" and not _OPTION.match(argument):
        return " " + argument
    return argument


def _unprotected(argument: str) -> str:
    return argument[1:] if argument.startswith(" -") else argument


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="adjoint")
def _commands() -> None:
    """Exact derivatives as standalone Python source.

    SOURCE is a formula, path/to/file.py:function, or - for a formula from standard
    input.
    """


_wrt = click.option(
    "--wrt", metavar="X1,X2", help="Parameters to differentiate by; default: all."
)
_name = click.option("--name", metavar="NAME", help="What to call the function.")
_kind = click.option(
    "--derivative",
    "kind",
    default="value_and_grad",
    show_default=True,
    metavar="KIND",
    help="grad, value_and_grad, jvp, vjp, jacobian, hessian, hvp, sparse_jacobian, "
    "sparse_hessian; or several, value,grad,hessian.",
)
_mode = click.option(
    "--mode",
    metavar="forward|reverse",
    help="How to compute a Jacobian; default: by the sizes.",
)


_signature = click.option(
    "--signature",
    metavar='"x: float, n: int"',
    help="Types of a function's parameters.",
)
_static = click.option(
    "--static",
    multiple=True,
    metavar="N=3",
    help="Give a function's parameter its value now.",
)
_unroll = click.option(
    "--unroll",
    default=0,
    metavar="N",
    help="Unroll a function's loops of up to N iterations.",
)


_checkpoint = click.option(
    "--checkpoint",
    metavar="sqrt|N",
    help="How many states each long loop may save; the rest is computed again.",
)


_rules_file = click.option(
    "--rules",
    metavar="FILE",
    help="Functions with derivatives of your own: a .toml or .py file.",
)


def _options(command: Any) -> Any:
    """The options that say what is differentiated, and how it is read."""
    for option in reversed(
        (
            _kind,
            _mode,
            _wrt,
            _name,
            _signature,
            _static,
            _unroll,
            _checkpoint,
            _rules_file,
        )
    ):
        command = option(command)
    return command


_output = click.option(
    "-o", "--output", metavar="FILE", help="Write there; default: standard output."
)
_at = click.option(
    "--at",
    multiple=True,
    metavar="X1=1,X2=pi/2",
    help="A point: a number for each parameter.",
)


def _look(command: Any) -> Any:
    """The options of what looks at a function at a point."""
    for option in reversed(
        (_at, _wrt, _name, _signature, _static, _unroll, _rules_file, _output)
    ):
        command = option(command)
    return command


_target = click.option(
    "--target",
    metavar="LANGUAGE",
    help="python or numpy; by default numpy for functions of arrays, else python.",
)


@_commands.command("compile")
@click.argument("source")
@_output
@_options
@_target
def _compile(source: str, output: str | None, **options: Any) -> None:
    """Write the module that holds the function and its derivative."""
    _refuse_to_replace(source, output)
    _write(_derivative(source, **options).source, output)


@_commands.command("check")
@click.argument("source", metavar="SOURCE|GENERATED.py")
@_options
@_target
@click.option(
    "--range",
    "ranges",
    multiple=True,
    metavar="X=LOW:HIGH",
    help="Where to sample a parameter.",
)
@click.option("--seconds", default=10.0, show_default=True, help="Time for the proofs.")
def _check(source: str, ranges: Sequence[str], seconds: float, **options: Any) -> int:
    """Compare the derivative with SymPy's: exit code 0 when they agree, 1 when not."""
    intervals = dict(_interval(one) for one in ranges)
    if source.strip().endswith(".py"):
        from adjoint.check.evidence import check_module

        text = _read_file(source.strip())
        report = check_module(
            text, source_name=source, ranges=intervals, seconds=seconds
        )
    else:
        report = _derivative(source, **options).check(intervals, seconds)
    click.echo(str(report))
    return 0 if report else 1


@_commands.command("show")
@click.argument("source")
@_options
@_at
def _show(source: str, at: Sequence[str], **options: Any) -> None:
    """Show the elementary operations, and the adjoint program beside them.

    With a point, each line is shown with the number that it computes there.
    """
    from adjoint.explain.listing import listing
    from adjoint.explain.point import parse_point

    derivative = _derivative(source, **options)
    point = parse_point(at) if at else None
    click.echo("\n".join(listing(derivative.primal, derivative.program, point)))


@_commands.command("explain")
@click.argument("source")
@_look
@click.option(
    "--format",
    default="text",
    show_default=True,
    metavar="FORMAT",
    help="text, markdown, latex or json.",
)
def _explain(
    source: str, at: Sequence[str], output: str | None, format: str, **options: Any
) -> None:
    """Show the forward and the reverse sweep with numbers, step by step.

    The elementary operations and their values, the local derivatives with their rules,
    the adjoints as they add up, and the gradient beside SymPy's:

        adjoint explain "(x1 - x2)**2 + cos(x1 + x2)" --at x1=1,x2=2
    """
    from adjoint.explain.explanation import show_on_terminal
    from adjoint.explain.point import parse_point

    _refuse_to_replace(source, output)
    derivative = _derivative(source, "grad", checkpoint=None, **options)
    explanation = derivative.explain(parse_point(at))
    if output is not None or format != "text" or not show_on_terminal(explanation):
        _write(explanation.to(format) + "\n", output)


@_commands.command("graph")
@click.argument("source")
@_look
@click.option(
    "--format",
    default="svg",
    show_default=True,
    metavar="FORMAT",
    help="svg, dot or mermaid.",
)
def _graph(
    source: str, at: Sequence[str], output: str | None, format: str, **options: Any
) -> None:
    """Draw the computational graph: inputs, operations and result.

    With a point, values and adjoints stand on the nodes and local derivatives on the
    edges. An SVG needs no other program:

        adjoint graph "sin(x)*y + x" --at x=1,y=2 -o graph.svg
    """
    from adjoint.explain.point import parse_point

    _refuse_to_replace(source, output)
    derivative = _derivative(source, "grad", checkpoint=None, **options)
    point = parse_point(at) if at else None
    _write(derivative.graph(point).to(format) + "\n", output)


@_commands.command("page")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("-o", "--output", metavar="FILE", help="Write the page there.")
@click.option(
    "--at", multiple=True, metavar="X1=1,X2=2", help="Where the inputs begin."
)
@click.option(
    "--range",
    "ranges",
    multiple=True,
    metavar="X=LOW:HIGH",
    help="Between which numbers an input is moved; default: -3:3.",
)
@_signature
@_static
@_unroll
def _page(
    sources: Sequence[str],
    output: str | None,
    at: Sequence[str],
    ranges: Sequence[str],
    **options: Any,
) -> None:
    """Write an interactive page: values forward, adjoints back, gradient descent.

    One HTML file that needs no network. Several sources are several functions to pick
    from; without one, five for a demonstration.
    """
    from adjoint.explain.page.assemble import DEMONSTRATION, page
    from adjoint.explain.point import parse_point
    from adjoint.frontend.read import read

    if output is None and sys.stdout.isatty():
        raise OptionError("a page is a file: say which, as in `-o page.html`")
    options["static"] = dict(_static_value(one) for one in options["static"])
    for one in sources:
        _refuse_to_replace(one, output)
    programs = [read(_source(one), **options) for one in sources or DEMONSTRATION]
    _write(
        page(programs, parse_point(at), dict(_interval(one) for one in ranges)), output
    )


@_commands.command("rules")
def _rules() -> None:
    """Show the table of elementary operations and their derivatives."""
    from adjoint.explain.rules import rules_table

    click.echo("\n".join(rules_table()))


def _refuse_to_replace(source: str, output: str | None) -> None:
    """Raise OptionError where the output would take the place of the source."""
    path = source.rpartition(":")[0]
    there = output is not None and os.path.exists(path) and os.path.exists(output)
    if there and os.path.samefile(path, str(output)):
        raise OptionError(f"the output {output!r} is the file of the function itself")


def _write(text: str, output: str | None) -> None:
    """To the file, or to standard output."""
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text)


def _derivative(source: str, kind: str, wrt: str | None, **options: Any) -> Any:
    from adjoint.api import Derivative

    options["static"] = dict(_static_value(one) for one in options["static"])
    states = options["checkpoint"]
    if states is not None and states.isdigit():
        options["checkpoint"] = int(states)
    path = options.pop("rules", None)
    if path is not None:
        from adjoint.rules_file import read_rules

        options["rules"] = read_rules(path)
    return Derivative(_source(source), kind, wrt, **options)


def _source(argument: str) -> str:
    """The formula, or the function of a file, that an argument stands for."""
    return _read_input() if argument.strip() == "-" else _unprotected(argument)


def _static_value(text: str) -> tuple[str, float | int | bool]:
    name, _, value = text.partition("=")
    words = {"True": True, "False": False}
    if value in words:
        return name.strip(), words[value]
    whole = re.fullmatch(r"\s*[+-]?\d{1,18}\s*", value)
    return name.strip(), int(value) if whole else _number(value, text)


def _read_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AdjointError(f"standard input is not UTF-8 text: {error}") from None


def _read_file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise AdjointError(f"cannot read {path!r}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise AdjointError(f"{path!r} is not UTF-8 text: {error}") from None


def _interval(text: str) -> tuple[str, tuple[float, float]]:
    name, _, bounds = text.partition("=")
    low, _, high = bounds.partition(":")
    interval = _number(low, text), _number(high, text)
    if not interval[0] <= interval[1]:
        raise OptionError(f"the range {text!r} is empty")
    return name.strip(), interval


def _number(digits: str, text: str) -> float:
    try:
        return float(digits)
    except ValueError:
        raise OptionError(f"{digits!r} in {text!r} is not a number") from None
