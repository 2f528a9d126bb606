"""British spellings are read as American ones, so that haematoma finds hematoma."""

import re

_IRREGULAR = {"fibre": "fiber", "fibres": "fibers", "centre": "center", "centres": "centers", "litre": "liter",
              "metre": "meter", "calibre": "caliber", "tumour": "tumor", "tumours": "tumors", "colour": "color",
              "behaviour": "behavior", "labour": "labor", "vapour": "vapor", "humour": "humor",
              "grey": "gray", "mould": "mold", "analyse": "analyze", "analysed": "analyzed",
              "catalyse": "catalyze", "aluminium": "aluminum", "programme": "program", "programmes": "programs",
              "leucocyte": "leukocyte", "leucocytes": "leukocytes"}  # fmt: skip
_RULES = (
    (re.compile(r"isation(s?)$"), r"ization\1"),
    (re.compile(r"(?<=al|il|im|an|ol|er|on|ar)is(e[drs]?|ing)$"), r"iz\1"),
    (re.compile(r"aem(?!u)"), "em"),
    (re.compile(r"(?<!ph)oed(?=em|ip)"), "ed"),
    (re.compile(r"paed"), "ped"),
    (re.compile(r"anaes"), "anes"),
    (re.compile(r"oesoph"), "esoph"),
    (re.compile(r"oestr"), "estr"),
    (re.compile(r"faec"), "fec"),
    (re.compile(r"gynaec"), "gynec"),
    (re.compile(r"caes(?=ar|iu)"), "ces"),
    (re.compile(r"rrhoea"), "rrhea"),
)  # fmt: skip
_BRITISH = re.compile(r"is(?:ation|e|ing)|ae|oe")


def american(word: str) -> str:
    """The American spelling of a lower-case word; each distinct word is asked once."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if _BRITISH.search(word):
        for pattern, replacement in _RULES:
            word = pattern.sub(replacement, word)
    return word
