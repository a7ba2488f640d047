"""Facts about AWS Backup."""
