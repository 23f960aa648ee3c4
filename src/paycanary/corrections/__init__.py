"""Reported errors in figures, and what became of them."""
