"""The web console: the one address people open, and the gateway to the services behind it."""
