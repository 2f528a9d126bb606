"""HTTP as every service speaks it: declared permissions, problem details, versions, repeats, pages."""

from common.http.api import Api
from common.http.bodies import Body, View
from common.http.call import Call, Reach, allow, person, public, signed_in
from common.http.pages import Cursor, Page, page_of

__all__ = [
    "Api",
    "Body",
    "Call",
    "Cursor",
    "Page",
    "Reach",
    "View",
    "allow",
    "page_of",
    "person",
    "public",
    "signed_in",
]
