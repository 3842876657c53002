"""The C target: what the Python target writes, spelled in C."""
