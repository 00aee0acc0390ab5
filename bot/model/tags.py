"""Hashtags as they are compared, whoever wrote them. Pure."""

import re
import unicodedata

_TAG = re.compile(r"[#＃](\w+)")


def tag_of(text: str) -> str:
    """Give a hashtag as it is compared: without `#`, composed (NFC), case folded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip().lstrip("#＃")).casefold())


def tags_in(text: str) -> frozenset[str]:
    """Give the hashtags that stand in a text, as `tag_of` writes them."""
    return frozenset(tag_of(found) for found in _TAG.findall(unicodedata.normalize("NFC", text)))
