"""English words that say nothing about what a text is about."""

_WORDS = """
a about above after again against all also am an and any are as at be because been before being below
between both but by can cannot could did do does doing done down due during each either else etc ever few
for from further had has have having he her here hers him his how however i if in into is it its itself
just least less like made make makes many may me might more most much must my neither no nor not now of off
often on once one only or other others our ours out over own per rather same shall she should since so some
such than that the their theirs them themselves then there therefore these they this those through thus to
too under until up upon us use used uses using very via was we were what when where whether which while who
whom whose why will with within without would yet you your yours
"""
STOP_WORDS = frozenset(_WORDS.split())
