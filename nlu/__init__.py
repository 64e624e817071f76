"""Vietnamese text in, an Understanding out."""
