"""What an operator needs on a bad day; each command is also a function that a program can await."""
