"""All SQL of project matching; every function says in its name what comes back."""

from typing import TypeAlias

from common.database import Database, Transaction

Reader: TypeAlias = Database | Transaction
"""Reads go through a transaction where they decide a change, straight to the database otherwise."""
