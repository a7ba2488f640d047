"""What the fixed tables are like for rules that were added, a module for each; `make rule` writes it."""
