"""A graph as text for other programs: Graphviz's DOT, and Mermaid."""

from __future__ import annotations

from adjoint.explain.graph import INPUT, OPERATION, RESULT, Graph

_DOT_STYLES = {
    INPUT: 'shape=box, style="rounded,filled", fillcolor="#dbeafe"',
    OPERATION: 'shape=box, style="rounded"',
    RESULT: 'shape=box, style="rounded,filled", fillcolor="#dcfce7"',
}
_MERMAID_SHAPES = {INPUT: ('(["', '"])'), OPERATION: ('["', '"]'), RESULT: ('["', '"]')}


def dot(graph: Graph) -> str:
    """The graph in Graphviz's language, from left to right."""
    lines = [
        "digraph {",
        f"    label={_quoted(graph.title)};",
        "    rankdir=LR;",
        '    node [fontname="monospace"];',
        '    edge [fontname="monospace", fontsize=10];',
    ]
    for at, node in enumerate(graph.nodes):
        label = "\\n".join(_in_quotes(line) for line in node.lines)
        lines.append(f'    n{at} [label="{label}", {_DOT_STYLES[node.kind]}];')
    for edge in graph.edges:
        label = f" [label={_quoted(edge.label)}]" if edge.label else ""
        lines.append(f"    n{edge.source} -> n{edge.target}{label};")
    inputs = [f"n{at}" for at, node in enumerate(graph.nodes) if node.kind == INPUT]
    if inputs:
        lines.append(f"    {{ rank=source; {'; '.join(inputs)}; }}")
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    return f'"{_in_quotes(text)}"'


def _in_quotes(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def mermaid(graph: Graph) -> str:
    """The graph as a flowchart of Mermaid, which GitHub's Markdown draws."""
    lines = ["---", f"title: {_yaml(graph.title)}", "---", "flowchart LR"]
    for at, node in enumerate(graph.nodes):
        begin, end = _MERMAID_SHAPES[node.kind]
        text = "<br/>".join(_entities(line) for line in node.lines)
        lines.append(f"    n{at}{begin}{text}{end}:::{node.kind}")
    for edge in graph.edges:
        label = f'|"{_entities(edge.label)}"| ' if edge.label else ""
        lines.append(f"    n{edge.source} --> {label}n{edge.target}")
    lines += [
        "    classDef input stroke:#2563eb,stroke-width:2px",
        "    classDef operation stroke:#64748b",
        "    classDef result stroke:#16a34a,stroke-width:3px",
    ]
    return "\n".join(lines)


def _yaml(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _entities(text: str) -> str:
    """Mermaid's own escapes: also ``*`` and ``_``, with which Markdown begins."""
    return "".join(f"#{ord(c)};" if c in _MEANT else c for c in text)


_MEANT = set('#"<>&;`*_|{}[]()\\')
