"""The engine at work in a process: its records, the live picture it searches, the part that keeps it current."""

from project_matching.matcher.matcher import Matcher
from project_matching.matcher.picture import NotInThePicture

__all__ = ["Matcher", "NotInThePicture"]
