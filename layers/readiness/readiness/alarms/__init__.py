"""CloudWatch alarms: the metrics that they watch and their routes to on-call, from their configuration. Pure."""
