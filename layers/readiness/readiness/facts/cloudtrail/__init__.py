"""Facts about CloudTrail."""
