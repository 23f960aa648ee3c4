"""Work that a page asked for: the table decides, the queue carries."""
