"""The formula language: text in, `Program` out."""
