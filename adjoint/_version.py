"""The version: read by the package, by the build and by every generated header."""

__version__ = "0.1.0"
