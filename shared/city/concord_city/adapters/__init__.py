"""Reading the city folder: TOML and GeoJSON with the line of every finding."""
