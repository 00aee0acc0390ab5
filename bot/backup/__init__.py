"""Backups: copied live, checked, sealed, opened again to prove it, restored without losing what was there."""
