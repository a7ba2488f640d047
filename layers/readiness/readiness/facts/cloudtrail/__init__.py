"""Facts about CloudTrail: trails, change events and restore events."""
