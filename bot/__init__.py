"""Ears with a mouth: how messages come in, how they go out."""
