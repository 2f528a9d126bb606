"""What a pair is compared by beside its words, packed into small whole numbers so that many are compared at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from project_matching.engine.model import Item, Need, Profile
from project_matching.engine.terms import term_of

Whole = int | NDArray[np.int64]

KINDS = ("hospital", "university", "institute", "society", "enterprise", "person", "partner")
INSTITUTIONS = frozenset({"hospital", "university", "institute", "society"})
SPECIALTIES = (
    "aneurysm", "ais_thrombectomy", "icas", "avm_davf", "csdh", "access", "imaging_ai", "robots", "neurology",
    "cardiovascular", "radiology", "orthopaedics", "clinical_chemistry", "haematology", "immunology",
    "microbiology", "pathology", "molecular_genetics", "toxicology", "surgery", "other",
)  # fmt: skip
STAGES = (
    "pain_point", "concept", "protection", "prototype", "poc", "pilot", "manufacture", "clinical_trial",
    "registration", "market",
)  # fmt: skip
CLASSES = ("I", "II", "III")
WANTED_KINDS = {
    "enterprise": ("enterprise",),
    "engineering": ("institute", "university", "partner"),
    "institute": ("institute",),
    "university": ("university",),
    "hospital": ("hospital",),
    "partner": ("partner", "person", "society"),
}
NEUROINTERVENTION = frozenset({"aneurysm", "ais_thrombectomy", "icas", "avm_davf", "csdh", "access"})
LABORATORY = frozenset(
    {"clinical_chemistry", "haematology", "immunology", "microbiology", "pathology", "molecular_genetics",
     "toxicology"}
)  # fmt: skip
SOFTWARE = frozenset({"imaging_ai", "robots"})
RELATED = (NEUROINTERVENTION | {"neurology"}, {"imaging_ai", "radiology"}, {"robots", "surgery"}, LABORATORY)

# What an organisation makes, read off its items.
MAKES_KIT, MAKES_SOFTWARE, MAKES_I, MAKES_II, MAKES_III, MAKES_UNSTATED, RESEARCHES, BROAD = (
    1 << bit for bit in range(8)
)
BROAD_FROM = 3
# Per achievement type: what speaks fully and what speaks half for being able to make it.
FITS = {
    "small_innovation": (MAKES_I | MAKES_II, MAKES_III | MAKES_UNSTATED),
    "discipline_solution": (BROAD, MAKES_SOFTWARE | MAKES_III | MAKES_II),
    "data_ai": (MAKES_SOFTWARE, RESEARCHES),
    "pharma": (0, RESEARCHES | MAKES_UNSTATED),
    "reagent_kit": (MAKES_KIT, RESEARCHES),
    "consumable": (MAKES_II | MAKES_III, MAKES_I | MAKES_UNSTATED),
    "interdisciplinary": (BROAD, RESEARCHES),
}


class NeedTraits(NamedTuple):
    specialty: Whole
    related: Whole
    fits: Whole
    fits_half: Whole
    stage: Whole
    device_class: Whole
    kinds: Whole
    region: Whole
    country: Whole


class ProfileTraits(NamedTuple):
    specialties: Whole
    makes: Whole
    stage: Whole
    classes: Whole
    active: Whole
    kind: Whole
    region: Whole
    country: Whole


def bit(names: tuple[str, ...], name: str | None) -> int:
    """The bit of a name; 0 for an unknown or missing one."""
    return 1 << names.index(name) if name in names else 0


def _bits(names: tuple[str, ...], chosen: tuple[str | None, ...]) -> int:
    return sum(bit(names, name) for name in set(chosen))


def place(names: tuple[str, ...], name: str | None) -> int:
    return names.index(name) if name in names else -1


def region_of(region: str | None) -> str:
    return (region or "").strip().casefold()


def country_of(region: str | None) -> str:
    """ISO 3166-2 codes begin with the country; a region written otherwise has no known country."""
    country, dash, _ = region_of(region).partition("-")
    return country if dash or len(country) == len("cn") else ""


def _number(text: str) -> int:
    return term_of(text) if text else 0


def need_traits(need: Need) -> NeedTraits:
    known = "" if need.specialty == "other" else need.specialty
    related = {name for group in RELATED if known in group for name in group} - {known}
    fits, fits_half = FITS.get(need.achievement_type or "", (0, 0))
    kinds = tuple(kind for side in need.wanted for kind in WANTED_KINDS.get(side, ()))
    return NeedTraits(
        bit(SPECIALTIES, known),
        _bits(SPECIALTIES, tuple(related)),
        fits,
        fits_half,
        place(STAGES, need.stage),
        bit(CLASSES, need.device_class),
        _bits(KINDS, kinds) if need.wanted else -1,
        _number(region_of(need.region)),
        _number(country_of(need.region)),
    )


def profile_specialties(profile: Profile) -> frozenset[str]:
    """The stated specialties and those of the items."""
    stated = {*profile.specialties, *(item.specialty for item in profile.items if item.specialty)}
    return frozenset(stated - {"other"})


def item_makes(item: Item) -> int:
    if item.specialty in LABORATORY:
        return MAKES_KIT
    if item.specialty in SOFTWARE:
        return MAKES_SOFTWARE
    return {"I": MAKES_I, "II": MAKES_II, "III": MAKES_III}.get(item.device_class, MAKES_UNSTATED)


def profile_traits(profile: Profile) -> ProfileTraits:
    specialties = profile_specialties(profile)
    makes = RESEARCHES if profile.kind in INSTITUTIONS else 0
    makes |= BROAD if len(specialties) >= BROAD_FROM else 0
    for item in profile.items:
        makes |= item_makes(item)
    return ProfileTraits(
        _bits(SPECIALTIES, tuple(specialties)),
        makes,
        max((place(STAGES, item.stage) for item in profile.items), default=-1),
        _bits(CLASSES, tuple(item.device_class for item in profile.items)),
        int(profile.active),
        bit(KINDS, profile.kind),
        _number(region_of(profile.region)),
        _number(country_of(profile.region)),
    )
