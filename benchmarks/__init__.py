"""Figures with machine and date: `python -m benchmarks` measures and rewrites results.md.

Every module has `run() -> list[tuple[str, str, str]]`: what was measured, the figure, a note.
"""
