"""Keeps the Chinese catalogue complete: `python -m portal.messages` adds messages and names those without Chinese."""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from portal.texts import CATALOGUE

FOLDER = Path(__file__).parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}


def extracted() -> Catalog:
    """Every message that templates and pages use, with the places where it stands."""
    found = Catalog(locale="zh_CN", project="Alliance Hub", fuzzy=False)
    for name, _, message, comments, context in extract_from_dir(FOLDER, METHODS, OPTIONS):
        found.add(message, locations=[(name, 1)], auto_comments=comments, context=context)
    return found


def kept() -> Catalog:
    """The catalogue as it is committed."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_CN")


def without_chinese(catalogue: Catalog) -> Iterator[Message]:
    """Messages that would be shown in English to somebody who reads Chinese."""
    for message in catalogue:
        written = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and not all(written):
            yield message


def main() -> None:
    """Rewrites the catalogue: translations stay, unused messages go; fails while any lack Chinese."""
    catalogue = kept()
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment = "# The console in Chinese. English is the source text, in templates and pages."
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=110, sort_output=True, no_location=True, omit_header=False)
    missing = list(without_chinese(catalogue))
    for message in missing:
        sys.stderr.write(f"no Chinese yet: {message.id!r}\n")
    if missing:
        sys.exit(1)


if __name__ == "__main__":
    main()
