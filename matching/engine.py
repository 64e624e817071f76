"""Finds offers for a need with needs for an offer, by one scoring for both directions."""
