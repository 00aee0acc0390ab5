"""The words of the project as frozen data. Standard library only; see docs/glossary.md."""
