"""HTTP as every service speaks it: declared permissions, problem details, versions, repeats, pages."""

from common.http.api import Api
from common.http.call import Call, Reach, allow, person, public, signed_in
from common.http.pages import Cursor, Page, page_of

__all__ = ["Api", "Call", "Cursor", "Page", "Reach", "allow", "page_of", "person", "public", "signed_in"]
