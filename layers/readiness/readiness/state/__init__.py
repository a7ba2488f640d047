"""What is remembered: transitions between runs, and the rows that hold them."""
