"""What if: the real planner over an invented collective, or over one's own with other rules."""
