"""What a user types: the command ``adjoint``."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from adjoint import cli_options as options
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

    \b
        adjoint compile "(x1 - x2)**2 + cos(x1 + x2)"
        adjoint compile model.py:loss --wrt w -o loss_grad.py
        adjoint check loss_grad.py
    """


@_commands.command("compile")
@click.argument("source")
@options.output
@options.differentiated
@options.target
def _compile(source: str, output: str | None, **asked: Any) -> None:
    """Write the module that holds the function and its derivative.

    It stands alone: it imports nothing of this package.

    \b
        adjoint compile "x**2*sin(y)" --derivative hessian --name f
        adjoint compile model.py:loss --signature "x: float[:, :]" -o loss_grad.py
    """
    _refuse_to_replace(source, output)
    _write(_derivative(source, **asked).source, output)


@_commands.command(
    "check", short_help="Compare the derivative with SymPy's, and say so."
)
@click.argument("source", metavar="SOURCE|GENERATED.py")
@options.differentiated
@options.target
@options.ranges("Where to sample a parameter.")
@click.option("--seconds", default=10.0, show_default=True, help="Time for the proofs.")
def _check(
    source: str, ranges: Mapping[str, tuple[float, float]], seconds: float, **asked: Any
) -> int:
    """Compare the derivative with SymPy's: exit code 0 when they agree, 1 when not.

    A module that `adjoint compile` has written is checked as it stands in its file.

    \b
        adjoint check "log(x)*y" --range x=0.1:10
        adjoint check loss_grad.py
    """
    if source.strip().endswith(".py"):
        from adjoint.check.evidence import check_module

        report = check_module(
            _read_file(source.strip()),
            source_name=source,
            ranges=ranges,
            own=[one.operation for one in _rules_of(asked["rules"])],
            seconds=seconds,
        )
    elif source.strip().endswith(".c"):
        raise OptionError(
            f"{source} is C, which is not read; give what it was made from, and "
            "--target c: that compiles it, and runs it beside 50 digits"
        )
    else:
        report = _derivative(source, **asked).check(ranges, seconds)
    click.echo(str(report))
    return 0 if report else 1


@_commands.command(
    "show", short_help="Show the operations, and the adjoint program beside."
)
@click.argument("source")
@options.differentiated
@options.at
def _show(source: str, at: Sequence[str], **asked: Any) -> None:
    """Show the elementary operations, and the adjoint program beside them.

    With a point, each line is shown with the number that it computes there:

        adjoint show "(x1 - x2)**2 + cos(x1 + x2)" --at x1=1,x2=2
    """
    from adjoint.explain.listing import listing
    from adjoint.explain.point import parse_point

    derivative = _derivative(source, **asked)
    point = parse_point(at) if at else None
    click.echo("\n".join(listing(derivative.primal, derivative.program, point)))


@_commands.command("explain", short_help="Show both sweeps with numbers, step by step.")
@click.argument("source")
@options.looked_at
@options.format("text", "text, markdown, latex or json.")
def _explain(
    source: str, at: Sequence[str], output: str | None, format: str, **asked: Any
) -> None:
    """Show the forward and the reverse sweep with numbers, step by step.

    The elementary operations and their values, the local derivatives with their rules,
    the adjoints as they add up, and the gradient beside SymPy's:

        adjoint explain "(x1 - x2)**2 + cos(x1 + x2)" --at x1=1,x2=2
    """
    from adjoint.explain.explanation import show_on_terminal
    from adjoint.explain.point import parse_point

    _refuse_to_replace(source, output)
    derivative = _derivative(source, "grad", checkpoint=None, **asked)
    explanation = derivative.explain(parse_point(at))
    if output is not None or format != "text" or not show_on_terminal(explanation):
        _write(explanation.to(format) + "\n", output)


@_commands.command("graph")
@click.argument("source")
@options.looked_at
@options.format("svg", "svg, dot or mermaid.")
def _graph(
    source: str, at: Sequence[str], output: str | None, format: str, **asked: Any
) -> None:
    """Draw the computational graph: inputs, operations and result.

    With a point, values and adjoints stand on the nodes and local derivatives on the
    edges. An SVG needs no other program:

        adjoint graph "sin(x)*y + x" --at x=1,y=2 -o graph.svg
    """
    from adjoint.explain.point import parse_point

    _refuse_to_replace(source, output)
    derivative = _derivative(source, "grad", checkpoint=None, **asked)
    point = parse_point(at) if at else None
    _write(derivative.graph(point).to(format) + "\n", output)


@_commands.command(
    "page", short_help="Write an interactive page, with gradient descent."
)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("-o", "--output", metavar="FILE", help="Write the page there.")
@click.option(
    "--at", multiple=True, metavar="X1=1,X2=2", help="Where the inputs begin."
)
@options.ranges("Between which numbers an input is moved; default: -3:3.")
@options.signature
@options.static
@options.unroll
def _page(
    sources: Sequence[str],
    output: str | None,
    at: Sequence[str],
    ranges: Mapping[str, tuple[float, float]],
    **asked: Any,
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
    for one in sources:
        _refuse_to_replace(one, output)
    programs = [read(_source(one), **asked) for one in sources or DEMONSTRATION]
    _write(page(programs, parse_point(at), ranges), output)


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


def _derivative(source: str, kind: str, wrt: str | None, **asked: Any) -> Any:
    from adjoint.derivative_object import Derivative

    asked["rules"] = _rules_of(asked.pop("rules", None))
    return Derivative(_source(source), kind, wrt, **asked)


def _rules_of(path: str | None) -> Sequence[Any]:
    if path is None:
        return ()
    from adjoint.rules_file import read_rules

    return read_rules(path)


def _source(argument: str) -> str:
    """The formula, or the function of a file, that an argument stands for."""
    return _read_input() if argument.strip() == "-" else _unprotected(argument)


def _read_input() -> str:
    if sys.stdin is None:  # it was closed, `<&-`
        raise AdjointError("cannot read standard input: it is closed")
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
