"""The built-in sample: a few real companies, derived from public data by `paycanary sample build`."""
