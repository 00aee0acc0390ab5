"""A person says yes or no: flags (pure), queue, decisions."""
