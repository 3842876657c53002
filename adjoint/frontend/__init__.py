"""Text in, `Program` out: one module a source language."""
