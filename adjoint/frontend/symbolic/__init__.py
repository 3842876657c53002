"""SymPy expressions in, `Program` out."""
