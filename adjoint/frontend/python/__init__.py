"""Python as it is read: its text, its syntax, and what its names stand for."""
