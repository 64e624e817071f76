"""Measures of messages to many against the emulated Telegram."""
