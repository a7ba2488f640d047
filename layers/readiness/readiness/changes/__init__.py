"""Change events: which call they tell of, what it can have moved, and who made it. They are never evidence."""
