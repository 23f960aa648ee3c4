"""Questions asked of the facts: one SQL file a signal, thresholds in dated YAML."""
