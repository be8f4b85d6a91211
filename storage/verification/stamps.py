"""Time stamps beside manifests: whether each is one, of that manifest, by an authority that is trusted.

What it does not do: miss one. A manifest without a stamp is no fault; the chain says what it is part of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from storage.manifests import Manifest
from storage.stamps import ENDING, BadStamp, Roots, Stamp, check_stamp
from storage.verification.faults import Fault, FaultKind, Stamped


@dataclass
class StampCheck:
    """The stamps of an archive. `faults()` reads them, and fills `found`."""

    archive: Path
    """The archive's folder."""
    manifests: list[Manifest]
    """Those that can be relied on."""
    roots: Roots | None
    """Whom to trust; None compares contents only."""
    found: list[Stamped] = field(default_factory=list)
    """The sound ones, in the order of their manifests."""

    def faults(self) -> Iterator[Fault]:
        """Every stamp that is not what it should be."""
        for manifest in self.manifests:
            path = self.archive / f"{manifest.name}{ENDING}"
            try:
                stamp = self._check(path, manifest)
            except FileNotFoundError:
                continue
            except (OSError, BadStamp) as error:
                yield Fault(kind=FaultKind.STAMP, where=f"{manifest.name}{ENDING}", detail=str(error))
                continue
            self.found.append(
                Stamped(
                    manifest=manifest.name,
                    number=manifest.number,
                    at=stamp.at,
                    authority=stamp.authority,
                    is_trusted=self.roots is not None,
                )
            )

    def _check(self, path: Path, manifest: Manifest) -> Stamp:
        answer = path.read_bytes()
        return check_stamp(answer, (self.archive / manifest.name).read_bytes(), self.roots)
