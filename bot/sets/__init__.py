"""Data sets: the ROME sectors and the regions, replaceable for another country."""
