"""`make mutants`: change the code bit by bit, at random, and count the changes that a test notices."""
