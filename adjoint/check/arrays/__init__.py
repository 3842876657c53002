"""Checks of functions of arrays, by differences in many digits."""
