"""Watchers: what reads the networks for hashtags. Nothing here stores: batches and cursors go to intake."""
