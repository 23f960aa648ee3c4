"""What a process tells of itself: traces, metrics, logs, and a port for whoever watches it.

Without the extra ``telemetry``, or without the settings that ask for it, instruments and spans are empty shells: nothing is
imported and nothing is measured. `telemetry.start.start` fills them. Nothing in here holds a person's data (see `scrub`).
"""
