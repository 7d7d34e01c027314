"""Reads a Dockerfile into its stages and their instructions."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from checkout import ROOT

DOCKERFILE = ROOT / "deploy" / "Dockerfile"


@dataclass
class Stage:
    """One ``FROM``, and the instructions after it in their order."""

    image: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all_of(self, word: str) -> list[str]:
        """Return the arguments of each instruction *word*."""
        return [rest for each, rest in self.steps if each == word]

    def only(self, word: str) -> str:
        """Return the argument of the one instruction *word*."""
        (rest,) = self.all_of(word)
        return rest

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that its ENV lines set."""
        pairs = [pair for rest in self.all_of("ENV") for pair in rest.split()]
        return dict(pair.split("=", 1) for pair in pairs)

    @property
    def healthcheck(self) -> list[str]:
        """Return the command of its HEALTHCHECK, which must be in exec form."""
        _, command = self.only("HEALTHCHECK").split("CMD ", 1)
        words: list[str] = json.loads(command)
        return words


def stages(path: Path = DOCKERFILE) -> list[Stage]:
    """Parse *path*: drop comments, join lines that end with a backslash."""
    text = re.sub(
        r"^\s*#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    found: list[Stage] = []
    for line in text.replace("\\\n", " ").splitlines():
        word, _, rest = " ".join(line.split()).partition(" ")
        if word == "FROM":
            image, _, name = rest.partition(" AS ")
            found.append(Stage(image, name))
        elif word:
            found[-1].steps.append((word, rest))
    return found
