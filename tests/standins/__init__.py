"""Local servers that answer as the public services document, over real HTTP, with switches for everything that goes wrong."""
