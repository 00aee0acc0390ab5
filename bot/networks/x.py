"""X. Placeholder body: being written."""
