"""Functions of nested lists of numbers, copied as they stand into generated modules."""

# mypy: allow-untyped-defs


def copied(a):
    """Return the nested lists a, all of them new."""
    return [copied(part) if hasattr(part, "__len__") else part for part in a]


def filled(a, number):
    """Return lists nested as a is, with one number in all places."""
    return [filled(part, number) if hasattr(part, "__len__") else number for part in a]


def added(a, b):
    """Return the sums of the numbers in the nested lists a and b."""
    return [
        added(x, y) if hasattr(x, "__len__") else x + y
        for x, y in zip(a, b, strict=True)
    ]
