"""Rule for the least space on a file system of a service. Pure."""

from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Space:
    """The space left in the file system of a folder, in bytes; None if the folder is not there."""

    folder: str
    free: int | None


def shortage(space: Space, least: int) -> str | None:
    """Return the reason that a service is not ready with fewer than `least` bytes of space, else None."""
    if space.free is None:
        return f"the folder {space.folder} cannot be examined: is its disk there"
    if space.free >= least:
        return None
    left = f"{space.free // MIB:,} MiB left, fewer than {least // MIB:,}"
    return f"the disk of {space.folder} is full: {left}; free space there"
