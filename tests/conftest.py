"""Set-up for all tests.

Hypothesis draws the same examples in every run, so that a failure is nobody's bad
luck. ``pytest --hypothesis-profile=nightly`` looks for new ones, at length.
"""

import gc

from hypothesis import settings

settings.register_profile("default", deadline=None, derandomize=True)
settings.register_profile(
    "nightly", deadline=None, derandomize=False, max_examples=2000, print_blob=True
)
settings.load_profile("default")

# Of all that the tests import and keep nothing is dropped, and the garbage collector
# would go through it every few tests.
gc.set_threshold(20_000, 10, 10)

# Benchmarks are scripts, and need packages that the tests do without.
collect_ignore = ["bench"]
