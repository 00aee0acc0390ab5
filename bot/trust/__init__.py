"""Tokens, keyed hashes, passwords and the texts people consent to."""
