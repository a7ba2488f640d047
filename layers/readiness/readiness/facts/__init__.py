"""Facts about the account, and the calls that read them. Each module declares types of facts with their sources."""
