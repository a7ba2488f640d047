"""Change events: the API call of each, the checks that it can affect, and its author. They are never evidence."""
