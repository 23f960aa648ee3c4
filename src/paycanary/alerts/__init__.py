"""Following companies: watchlists, what changed, and telling of it once."""
