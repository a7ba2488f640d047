"""Facts that people and the application's repository state."""
