"""Python functions, read by their syntax tree."""
