"""QR codes as inline SVG: drawn here, so that no third party sees what they say."""

from markupsafe import Markup

QUIET = 4
"""Modules of white around the code, as ISO 18004 wants."""


def svg(text: str) -> Markup:
    """Give the picture, black on white in either scheme; without a style, as the strict policy wants."""
    import segno  # noqa: PLC0415  only this page needs it

    code = segno.make(text, micro=False, error="m")
    size = code.symbol_size(border=QUIET)[0]
    dark = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y, row in enumerate(code.matrix)
        for x, module in enumerate(row)
        if module
    )
    return Markup(  # noqa: S704  numbers only, nothing of the text
        f'<svg class="qr" viewBox="0 0 {size} {size}" width="240" height="240" aria-hidden="true" '
        f'focusable="false"><path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{dark}"/></svg>'
    )
