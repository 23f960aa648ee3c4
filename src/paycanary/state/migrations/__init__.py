"""How the state came to be what it is, step by step (Alembic)."""
