"""A module a step, in order."""
