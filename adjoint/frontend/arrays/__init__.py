"""Arrays in Python functions: elements, stores, and the functions of NumPy."""
