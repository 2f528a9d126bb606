"""How the system is brought up: the list of services, set-up of servers, the stack without Docker, the checks."""
