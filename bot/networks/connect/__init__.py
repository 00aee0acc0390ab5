"""How volunteers lend an account: one module a network, `base` says what each must be able to do."""
