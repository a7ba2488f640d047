"""What people and programs read of a look: one file per format."""
