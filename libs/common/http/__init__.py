"""HTTP as every service speaks it: declared permissions, problem details, versions, repeats, pages."""

from common.http.api import Api
from common.http.call import Call, allow, public, signed_in
from common.http.pages import Cursor, Page, page_of

__all__ = ["Api", "Call", "Cursor", "Page", "allow", "page_of", "public", "signed_in"]
