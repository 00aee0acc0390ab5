"""What a browser sent in a form, as plain strings. Any value may be missing, a file, 100 kB or broken."""

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

FIELD_MAX = 2_000
"""Characters of a value that are looked at; every field allows far fewer."""
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


class Typed:
    """The values of one form. Nothing here raises."""

    def __init__(self, form: FormData) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in form.multi_items():
            if isinstance(value, str):
                self._values.setdefault(name, []).append(value)

    def text(self, name: str, default: str = "", *, most: int = FIELD_MAX) -> str:
        """Give a value without control characters and lone surrogates, or `default` when it is missing.

        `most`: characters kept; pages that show again whatever was typed allow more.
        """
        values = self._values.get(name)
        return _plain(values[-1], most) if values else default

    def texts(self, name: str) -> tuple[str, ...]:
        """Give all values of a name, as a group of boxes sends them."""
        return tuple(_plain(value) for value in self._values.get(name, ()))

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return self.text(name) != ""


def _plain(value: str, most: int = FIELD_MAX) -> str:
    return value[:most].translate(_CONTROLS).encode("utf-8", "replace").decode()


async def read_form(request: Request) -> Typed:
    """Read the body of a form.

    Raises:
        HTTPException: 400, it is not a form a browser sends.
    """
    try:
        async with request.form(max_files=20, max_fields=400) as form:
            return Typed(form)
    except UnicodeError as error:  # a charset that names a codec for something else than text
        raise HTTPException(400) from error
