"""Measures matching: quality on judged needs, speed and memory at size, beside other engines."""
