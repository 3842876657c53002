"""Functions of nested lists of numbers, copied as they stand into generated modules."""

# mypy: allow-untyped-defs


def axis_length(a, axis):
    """Return how long nested lists are along an axis; 0 where there is no list."""
    if hasattr(a, "shape"):
        return a.shape[axis]
    for _ in range(axis):
        a = a[0] if len(a) else ()
    return len(a)


def copied(a):
    """Return the nested lists a, all of them new."""
    return [copied(part) if hasattr(part, "__len__") else part for part in a]


def filled(a, number):
    """Return lists nested as a is, with one number in all places."""
    return [filled(part, number) if hasattr(part, "__len__") else number for part in a]


def added(a, b):
    """Return the sums of the numbers in the nested lists a and b; b may be a number."""
    if not hasattr(b, "__len__"):
        return [added(x, b) if hasattr(x, "__len__") else x + b for x in a]
    return [
        added(x, y) if hasattr(x, "__len__") else x + y
        for x, y in zip(a, b, strict=True)
    ]


def add_to_slice(a, place, b):
    """Add the numbers, or rows of numbers, in b to those in a slice of a."""
    for i, v in zip(range(*place.indices(len(a))), b, strict=True):
        a[i] = added(a[i], v) if hasattr(v, "__len__") else a[i] + v


def add_to_items(a, place, b):
    """Add the arrays in the list b to those in a slice of the list a."""
    for i, v in zip(range(*place.indices(len(a))), b, strict=True):
        a[i] = a[i] + v


def store_in_slice(a, place, b):
    """Store what is in b, as many items as there are, or a number, in a slice of a."""
    places = range(*place.indices(len(a)))
    items = copied(b) if hasattr(b, "__len__") else [b] * len(places)
    for i, v in zip(places, items, strict=True):
        a[i] = v


def put_back(a, order):
    """Return the list in which the numbers in a stand in the places that order says."""
    result = [0.0] * len(a)
    for i, v in zip(order, a, strict=True):
        result[i] = v
    return result


def permuted(a, order):
    """Return what stands in a in the places that order says."""
    return [a[i] for i in order]
