"""Zalo: an Official Account that is called by a webhook, answers over the OpenAPI, keeps its tokens in the database."""
