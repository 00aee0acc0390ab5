"""Boosting by the networks' own interfaces: one module a network, `base` says what each must do."""
