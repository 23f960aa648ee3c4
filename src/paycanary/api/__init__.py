"""The HTTP API under ``/v1``, and what every request passes on its way in and out."""
