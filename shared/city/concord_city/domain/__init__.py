"""Values and pure rules of a city: no files, no TOML, no geometry library."""
