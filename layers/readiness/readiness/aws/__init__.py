"""The session, its clients, errors, answers, ARNs and times. No rule."""
