"""LinkedIn. Placeholder body: being written."""
