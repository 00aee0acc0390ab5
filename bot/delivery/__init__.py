"""Each boost once: asked when due, opened, declared, skipped, expired."""
