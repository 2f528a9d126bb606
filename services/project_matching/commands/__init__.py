"""What people ask project matching for; each changes one aggregate and publishes what has become of it."""
