"""What checks share: judgements, and the words and remedies that go with them. Pure, as rules are."""
