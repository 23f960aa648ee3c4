"""Copies of what a service holds: its own state and the lake, at one moment, whole or not at all.

    create("s3://bucket/paycanary", keep=14)      # or a folder
    verify("s3://bucket/paycanary")
    restore("s3://bucket/paycanary")              # into an empty home and an empty database

One backup is one folder that depends on no other. `manifest.json` is written last and gives a checksum for each other file, so a backup
that was cut off is never taken for one.
"""
