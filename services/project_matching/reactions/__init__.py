"""What follows in project matching from what happened, here and in the member registry."""
