"""Settings with logging."""
