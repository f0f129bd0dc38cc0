"""Data only: fonts, mappings, translations, the sample warehouse."""
