"""Functions of arrays, and of many points at once, as text: in NumPy, or in lists."""
