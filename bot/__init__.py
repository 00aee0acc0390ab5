"""Languette: fair, explained boosts for people who look for a job."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("languette")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+source"
