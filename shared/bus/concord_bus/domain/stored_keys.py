"""The result of comparing a service's keys with a sample of its stored ciphertexts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeySample:
    """The ciphertexts looked at, and those of them that no key decrypts. `data` names them, `setting` the keys."""

    data: str
    setting: str
    looked_at: int
    unreadable: int

    @property
    def keys_are_wrong(self) -> bool:
        """Return whether no key decrypts anything: these are not the keys of this database."""
        return 0 < self.looked_at == self.unreadable

    def fault(self) -> str | None:
        """Return the fault with its remedy, or None when the keys decrypt all of the sample."""
        if not self.unreadable:
            return None
        share = f"{self.unreadable:,} of {self.looked_at:,} looked at"
        return f"no key in {self.setting} decrypts {self.data} ({share}): restore the missing key there"
