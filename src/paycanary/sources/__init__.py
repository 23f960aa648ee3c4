"""One module a register: files or answers -> rows as published."""
