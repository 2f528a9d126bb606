"""`make bench`: this system's speed as ratios to limits that are measured in the same run (see __main__)."""
