"""Work that a page asks for and that takes longer than a page may: a table that decides, a queue that wakes workers."""
