"""The language in the middle: typed, structured SSA, and what reads or makes it."""
