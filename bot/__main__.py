"""`bot` and `python -m bot`."""

import sys


def main() -> int:
    """Run the command line and give its exit code."""
    from bot.cli.main import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
