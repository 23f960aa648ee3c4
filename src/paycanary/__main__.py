"""``python -m paycanary``."""

from paycanary.cli.main import run

run()
