"""Needs meet offers, both ways."""
