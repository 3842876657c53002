"""`Program` to `Program`: the sweeps and the passes."""
