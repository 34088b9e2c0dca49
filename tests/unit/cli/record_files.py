"""Record files for tests."""

from pathlib import Path

HEADER = "n_id,n_category,n_text,n_time,n_closed,n_lon,n_lat,n_area,n_channel"
GOOD = "R-{0},graffiti,Graffiti Removal,2015-01-01T10:56:16-05:00,,-71.07,42.33,D4,web"


def write_records(folder: Path, *rows: str, header: str = HEADER) -> Path:
    file = folder / "records.csv"
    file.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return file
