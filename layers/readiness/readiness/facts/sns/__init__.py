"""Facts about SNS: topics, subscriptions, and the routes to on-call."""
