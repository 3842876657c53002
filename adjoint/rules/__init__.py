"""The table of elementary operations: spelling, meaning and derivative of each."""
