"""The Telegram channel measured beside two echo bots."""
