"""The doors through which people reach us, one file a channel."""
