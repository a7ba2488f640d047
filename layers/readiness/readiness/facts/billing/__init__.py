"""Facts about Billing: budgets, cost anomalies, cost allocation tags."""
