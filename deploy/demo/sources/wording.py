"""Which specialty the words of a title or a text point to: our own rules, because the sources carry no such code."""

import re

SPECIALTIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (code, re.compile(words, re.IGNORECASE))
    for code, words in (
        ("aneurysm", r"aneurysm|embolization coil"),
        ("ais_thrombectomy", r"ischa?emic stroke|\bstroke\b|thrombectom|thrombolys|embolus|embolectomy"),
        ("icas", r"atherosclero|\bstents?\b|stenosis|carotid|restenosis"),
        ("avm_davf", r"arteriovenous malform|embolization|endovascular embol"),
        ("csdh", r"h[a]?ematoma|subdural"),
        ("access", r"catheter(?!-associated)|guide ?wire|vascular access|introducer|cannula"),
        ("robots", r"robot|haptic|teleoperat"),
        ("imaging_ai", r"image segment|neuroimag|deep learning|machine learning|artificial intelligence|algorithm"),
        ("radiology", r"\bmri\b|magnetic resonance|\bct\b|tomograph|x-ray|ultraso|radiograph|angiogra|imaging|doppler"),
        ("neurology", r"brain|neuro|cerebral|intracranial|\beeg\b|electroencephal|seizure"),
        ("cardiovascular", r"cardi|heart|coronary|\becg\b|arrhythm|vascular|blood flow|h[a]?emorrhag|myocard"),
        ("haematology", r"coagula|platelet|thrombo|h[a]?emosta|hematolog|blood cell"),
        ("surgery", r"surg|hemostatic|wound"),
    )
)


def specialties_of(text: str) -> list[str]:
    """The specialties whose words occur in the text, in the order of the vocabulary's list above."""
    return [code for code, words in SPECIALTIES if words.search(text)]
