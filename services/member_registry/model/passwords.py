"""Which passwords are good enough (NIST SP 800-63B: length and no well-known ones, no rules about characters)."""

import unicodedata

from common.text import Bilingual

SHORTEST, LONGEST = 10, 128

_LEAKED = """
1234567890 12345678910 123456789a 0123456789 0987654321 1q2w3e4r5t 1qaz2wsx3edc q1w2e3r4t5 qwertyuiop asdfghjkl
qwerty12345 qwerty123456 qwertyuiop123 password12 password123 password1234 passw0rd123 p@ssw0rd123 p@ssword123
mypassword iloveyou12 iloveyou123 welcome123 welcome1234 admin12345 admin123456 administrator letmein123 changeme123
woaini1314 woaini520 woaini1314520 5201314520 a123456789 aa123456789 abc123456789 abcd123456 abcdefghij abcdefg123
abc1234567 1234qwerasdf zaq12wsxcde 147258369a 9876543210 1122334455 112233445566 123123123123 secretariat hospital123
alliance123
"""
_WELL_KNOWN = frozenset(_LEAKED.split())


class WeakPassword(ValueError):
    """Too short, too long, well known, or the person's own address."""

    def __init__(self, code: str, message: Bilingual, remedy: Bilingual) -> None:
        self.code, self.message, self.remedy = code, message, remedy
        super().__init__(message.en)


def normal(password: str) -> str:
    """The same password whatever keyboard it was typed on (NFKC, SP 800-63B section 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def acceptable(password: str, *, email: str = "") -> str:
    """The password in its normal form, or WeakPassword with the reason."""
    password = normal(password)
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(
            "password_length",
            Bilingual(zh="密码长度不合适", en="has the wrong length for a password"),
            Bilingual(zh=f"{SHORTEST} 到 {LONGEST} 个字符", en=f"{SHORTEST} to {LONGEST} characters"),
        )
    plain = password.lower()
    if plain in _WELL_KNOWN or len(set(plain)) < 4 or (email and plain in (email, email.partition("@")[0])):
        raise WeakPassword(
            "password_guessable",
            Bilingual(zh="密码容易被猜到", en="is easily guessed"),
            Bilingual(zh="例如用几个不相关的词", en="several unrelated words for example"),
        )
    return password
