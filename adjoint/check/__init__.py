"""Evidence for a finished derivative, gathered from outside."""
