"""Bluesky. Placeholder body: being written."""
