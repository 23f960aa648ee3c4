"""What people leave with the service: API keys, watchlists, alerts, corrections, jobs. SQLite on one machine, PostgreSQL shared."""
