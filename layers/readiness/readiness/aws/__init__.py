"""AWS: the session, its clients, errors, responses, ARNs and times. No rule."""
