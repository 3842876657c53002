"""The kinds of derivatives: what each computes, its form, and what it is in words."""
