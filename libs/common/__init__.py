"""The mechanism every service stands on: transactions, delivery, HTTP, identity, telemetry; no domain rules."""
