"""Published rows and documents -> staged facts."""
