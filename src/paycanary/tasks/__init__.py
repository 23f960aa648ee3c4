"""Work that runs unattended: what commands do for a person, and schedules (cron, Airflow) do by the clock, in one place for both."""
