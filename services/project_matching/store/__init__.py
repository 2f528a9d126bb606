"""All SQL of project matching; every function says in its name what comes back."""
