"""Who boosts whom, when and why."""
