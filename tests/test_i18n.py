"""The two languages and the Vietnamese catalogue."""

from __future__ import annotations

import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo

from crawler.i18n import LANGUAGES, load_messages, pick_language

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "messages"


def _load_script() -> ModuleType:
    loader = SourceFileLoader("messages_script", str(SCRIPT))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return _load_script()


@pytest.fixture(scope="module")
def catalogue(script: ModuleType) -> Catalog:
    return script.load()


def _ids(catalogue: Catalog) -> set[object]:
    return {message.id for message in catalogue if message.id}


def _strings(catalogue: Catalog) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    def forms(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
        return (text,) if isinstance(text, str) else tuple(text)

    return sorted((forms(message.id), forms(message.string)) for message in catalogue if message.id)


@pytest.mark.parametrize(
    "option, env, language",
    [
        ("vi", {"LANG": "en_US.UTF-8"}, "vi"),
        ("en", {"LANG": "vi_VN.UTF-8"}, "en"),
        (None, {"LANG": "vi_VN.UTF-8"}, "vi"),
        (None, {"LANG": "vi"}, "vi"),
        (None, {"LANG": "VI_VN"}, "vi"),
        (None, {"LANG": "en_US.UTF-8"}, "en"),
        (None, {"LANG": "fr_FR.UTF-8"}, "en"),
        (None, {"LANG": "C"}, "en"),
        (None, {"LANG": "vie_XX"}, "en"),
        (None, {}, "en"),
        (None, {"LC_ALL": "en_US", "LC_MESSAGES": "vi_VN", "LANG": "vi_VN"}, "en"),
        (None, {"LC_ALL": "", "LC_MESSAGES": "vi_VN", "LANG": "en_US"}, "vi"),
    ],
)
def test_pick_language_follows_option_then_environment(option: str | None, env: dict[str, str], language: str) -> None:
    assert pick_language(option, env) == language


def test_load_messages_refuses_another_language() -> None:
    with pytest.raises(ValueError, match="fr: no such language; there are vi, en"):
        load_messages("fr")


def test_messages_say_their_language() -> None:
    assert [load_messages(language).language for language in LANGUAGES] == ["vi", "en"]


def test_messages_translate_into_vietnamese() -> None:
    assert load_messages("vi").gettext("Publication date") == "Ngày đăng"


def test_messages_are_english_as_written() -> None:
    assert load_messages("en").gettext("Publication date") == "Publication date"


@pytest.mark.parametrize(
    "language, n, said",
    [
        ("en", 1, "1 address visited"),
        ("en", 2, "2 addresses visited"),
        ("vi", 1, "đã xem 1 địa chỉ"),
        ("vi", 2, "đã xem 2 địa chỉ"),
    ],
)
def test_messages_count(language: str, n: int, said: str) -> None:
    template = load_messages(language).ngettext("%(n)d address visited", "%(n)d addresses visited", n)
    assert template % {"n": n} == said


def test_catalogue_has_every_message_of_the_code_and_no_other(script: ModuleType, catalogue: Catalog) -> None:
    assert _ids(catalogue) == _ids(script.extract()), "run: scripts/messages"


def test_catalogue_translates_every_message(script: ModuleType, catalogue: Catalog) -> None:
    assert script.untranslated(catalogue) == []


def test_catalogue_keeps_the_placeholders_of_every_message(catalogue: Catalog) -> None:
    def placeholders(text: str) -> list[str]:
        return sorted(re.findall(r"%\(\w+\)[a-z]", text))

    pairs = [(ids[-1], string) for ids, strings in _strings(catalogue) for string in strings]
    assert [pair for pair in pairs if placeholders(pair[0]) != placeholders(pair[1])] == []


def test_compiled_catalogue_is_in_step_with_its_source(script: ModuleType, catalogue: Catalog) -> None:
    with script.CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    assert _strings(compiled) == _strings(catalogue), "run: scripts/messages"
