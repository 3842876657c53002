"""Looks at programs and rules, for people."""
