"""Facts about SNS: topics, subscriptions, and whom they reach."""
