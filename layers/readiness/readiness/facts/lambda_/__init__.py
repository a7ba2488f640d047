"""Facts about Lambda."""
