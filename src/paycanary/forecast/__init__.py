"""How likely a company is to fail within a year: what counts as failing, what it is told from, how well it is told."""
