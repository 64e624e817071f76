"""Tests of what the assistant knows in words."""
