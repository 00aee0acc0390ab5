"""Mutants of a folder, made by mutmut in memory: the files stay as they are."""

import difflib
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from mutmut.mutation.file_mutation import MutatedFile, mutate_file_contents


@dataclass(frozen=True)
class Mutant:
    """One change of one function."""

    name: str
    file: str
    lines: tuple[int, ...]
    """Of the unchanged function in the code that is loaded: from the changed one up, then from it down."""
    diff: str


class _Loader(SourceFileLoader):
    """Loads a module in which each function chooses between itself and its mutants when it is called."""

    def __init__(self, name: str, path: str, code: str) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._code, self.path, "exec", dont_inherit=True)


class Finder(MetaPathFinder):
    """Makes the mutants of the files given, and loads the modules with them."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.mutants: list[Mutant] = []
        self._made: dict[str, MutatedFile] = {}
        self.code = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
        for file in files:
            module = ".".join(file.with_suffix("").parts)
            made = mutate_file_contents(str(file), file.read_text())
            if made.mutant_names:
                self._made[module] = made
                self.mutants += _mutants(module, str(file.resolve()), made)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Give the module with its mutants; other modules are found by the next finder."""
        if name not in self._made:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and spec.origin:
            spec.loader = _Loader(name, spec.origin, self._made[name].code)
        return spec

    def install(self) -> None:
        """Load from now on; nothing of it may be loaded yet."""
        early = self._made.keys() & sys.modules.keys()
        if early:
            message = f"loaded before its mutants were made: {sorted(early)}"
            raise RuntimeError(message)
        sys.meta_path.insert(0, self)


def _mutants(module: str, file: str, made: MutatedFile) -> list[Mutant]:
    code = made.code.splitlines()

    def text(name: str) -> list[str]:
        span = made.line_span_by_function_name[name]
        return [line.replace(name, "it") for line in code[span.start - 1 : span.end]]

    def mutant(name: str) -> Mutant:
        original = name.rpartition("_")[0] + "_orig"
        before, after = text(original), text(name)
        span = made.line_span_by_function_name[original]
        same = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
        diff = "\n".join(list(difflib.unified_diff(before, after, lineterm="", n=2))[3:])
        changed = span.start + same
        lines = (*range(changed, span.start - 1, -1), *range(changed + 1, span.end + 1))
        return Mutant(f"{module}.{name}", file, lines, diff)

    return [mutant(name) for name in made.mutant_names]


def activate(name: str) -> Any:
    """Let the functions of this process be the mutant `name`; "" for none."""
    from mutmut.mutation.trampoline import set_mutant_under_test

    set_mutant_under_test(name)
