"""Facts about CloudWatch: alarms, metrics, logs."""
