"""One run, from what asked for it to what was sent."""
