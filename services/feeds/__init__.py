"""What reaches a subscriber: one numbered list of items each, pulled with a cursor or pushed as an event stream."""
