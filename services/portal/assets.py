"""Fetches the browser files others wrote (htmx, Tabler) from npm, checks them and puts copies under static/vendor.

The copies are committed, so nobody needs npm to run the portal. `python -m portal.assets` refetches them and rewrites
the checksum list; `python -m portal.assets --check` only compares the copies with the list.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).parent / "static" / "vendor"
CHECKSUMS = VENDOR / "SHA256SUMS"

PACKAGES: dict[str, dict[str, str]] = {
    "htmx.org@4.0.1": {
        "dist/htmx.min.js": "htmx/htmx.min.js",
        "LICENSE": "htmx/LICENSE",
    },
    "@tabler/core@1.6.1": {"dist/css/tabler.min.css": "tabler/tabler.min.css"},
    "@tabler/icons@3.51.0": {"LICENSE": "tabler/LICENSE"},
}

ICONS = frozenset(
    """
    adjustments-horizontal affiliate alert-circle alert-triangle archive arrow-back-up arrow-right bell
    building-community building-factory-2 building-hospital building-skyscraper bulb calendar certificate
    check chevron-down chevron-left chevron-right circle-check circle-x clipboard-check clock copy database
    device-desktop-analytics device-floppy dots edit external-link eye file-plus file-text flask
    heart-handshake history home id-badge-2 inbox info-circle language list-search lock login-2 logout mail
    map-pin masks-theater menu-2 microscope plug-connected-x plus quote refresh route rss school search send
    sparkles stethoscope target-arrow thumb-down thumb-up trash user user-check users-group world x
    """.split()  # noqa: SIM905 - a list literal would be 70 lines long
)


def checksum(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def unpack(package: str, folder: Path) -> Path:
    """Downloads one npm package into the folder with npm's own client, which verifies its integrity."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), package]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
    target = folder / name.removesuffix(".tgz")
    with tarfile.open(folder / name) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def fetch() -> None:
    """Replaces every vendored file by the one in the named package version."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    with tempfile.TemporaryDirectory() as name:
        for package, files in PACKAGES.items():
            source = unpack(package, Path(name))
            icons = ICONS if package.startswith("@tabler/icons") else frozenset()
            drawn = {f"icons/outline/{icon}.svg": f"icons/{icon}.svg" for icon in sorted(icons)}
            for origin, copy in (files | drawn).items():
                (VENDOR / copy).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / origin, VENDOR / copy)
    copies = sorted(path for path in VENDOR.rglob("*") if path.is_file())
    CHECKSUMS.write_text("".join(f"{checksum(path)}  {path.relative_to(VENDOR)}\n" for path in copies))


def changed() -> list[str]:
    """Vendored files that are missing, unlisted or not what the list says."""
    lines = (line.split("  ", 1) for line in CHECKSUMS.read_text().splitlines())
    listed = {name: checksum for checksum, name in lines}
    present = {str(p.relative_to(VENDOR)): checksum(p) for p in VENDOR.rglob("*") if p.is_file() and p != CHECKSUMS}
    return sorted(name for name in listed.keys() | present.keys() if listed.get(name) != present.get(name))


def main() -> None:
    """Refetches, or with --check compares and fails on the first difference."""
    if "--check" not in sys.argv:
        fetch()
    if different := changed():
        sys.exit(f"vendored files differ from {CHECKSUMS}: {', '.join(different)}")


if __name__ == "__main__":
    main()
