"""Program -> text: one module a target language."""
