"""The rules of operations on arrays: what they add to adjoints, and their tangents."""
