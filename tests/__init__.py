"""Proofs, laid out like the house."""
