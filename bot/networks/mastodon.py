"""Mastodon. Placeholder body: being written."""
