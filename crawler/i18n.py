"""Messages in the reader's language: English as written in the code, Vietnamese from the catalogue.

What it does not do: hold a current language. Whoever prints gets a `Messages` and passes it on. The catalogue is
`locale/vi/LC_MESSAGES/portalwatch.po`; `scripts/messages` brings it in step with the code and compiles it.

In the code: `_ = messages.gettext`, then `_("%(n)d failed") % {"n": n}`, so that translators may turn the order round.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from pathlib import Path

LANGUAGES = ("vi", "en")
"""What `--lang` takes."""

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "portalwatch"


class Messages:
    """The messages of one language."""

    def __init__(self, language: str, translations: gettext.NullTranslations) -> None:
        self.language = language
        self._translations = translations

    def gettext(self, message: str) -> str:
        """The message in this language; the message itself where there is no translation."""
        return self._translations.gettext(message)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The message in the form that the number asks for; Vietnamese has one form."""
        return self._translations.ngettext(one, many, n)


def load_messages(language: str) -> Messages:
    """The messages of `vi` or `en`. Raises `ValueError` for another language."""
    if language not in LANGUAGES:
        raise ValueError(f"{language}: no such language; there are {', '.join(LANGUAGES)}")
    if language == "en":
        return Messages(language, gettext.NullTranslations())
    return Messages(language, gettext.translation(DOMAIN, LOCALE, [language]))


def pick_language(option: str | None, env: Mapping[str, str]) -> str:
    """`--lang` where given, else by the first of LC_ALL, LC_MESSAGES and LANG that is set: `vi…` is vi, others en."""
    if option:
        return option
    locale = next((env[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if env.get(name)), "")
    return "vi" if locale.lower().split(".")[0].split("_")[0] == "vi" else "en"
