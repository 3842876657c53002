"""The text of a generated module, read as a program that can be run in any numbers."""
