"""What AWS says: the only code that reads the account. One file per type of answer, its source beside it."""
