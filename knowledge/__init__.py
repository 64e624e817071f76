"""What the assistant knows, in words instead of code."""
