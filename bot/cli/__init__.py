"""The command line: thin commands that parse, call a stage and print."""
