"""A notice comes in: form and command line; pure rules judge it."""
