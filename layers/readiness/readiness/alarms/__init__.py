"""What CloudWatch alarms watch and whom they reach, read from how they are configured. Pure; it knows no rule."""
