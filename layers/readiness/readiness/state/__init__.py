"""State of each table: the rows that store it, and the transitions between runs."""
