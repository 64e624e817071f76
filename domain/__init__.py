"""The nouns with their rules; imports nothing of ours."""
