"""Languette: fair, explained boosts for people who look for a job."""


def __getattr__(name: str) -> str:
    """Read the installed version when somebody asks for it; it takes a tenth of a second."""
    if name != "__version__":
        message = f"module 'bot' has no attribute {name!r}"
        raise AttributeError(message)
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  see above

    try:
        return version("languette")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "0+source"
