"""What a person sees while the stack comes up: a line for each step with its time; a live one on a terminal."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from rich.console import Console as Terminal
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from deploy.words import Words, padded

WIDTH = 46


@dataclass
class Step:
    """A step under way; its detail may change until it ends."""

    title: Words
    detail: object = ""
    _live: Progress | None = None
    _task: TaskID | None = None

    def update(self, detail: object) -> None:
        """Says how far the step is, or, at the end, what came of it."""
        self.detail = detail
        if self._live is not None and self._task is not None:
            self._live.update(self._task, description=self.line)

    @property
    def line(self) -> str:
        """Title and detail."""
        return f"{self.title} {self.detail}".rstrip()


class Console:
    """Prints steps and messages; usable from several threads at once."""

    def __init__(self) -> None:
        self.terminal = Terminal(highlight=False, markup=False, soft_wrap=True)
        self._live: Progress | None = None

    @contextmanager
    def live(self) -> Iterator[None]:
        """While entered, steps under way are shown with a spinner, where there is a terminal to show them on."""
        if not self.terminal.is_terminal:
            yield
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        with Progress(*columns, console=self.terminal, transient=True) as self._live:
            try:
                yield
            finally:
                self._live.stop()
        self._live = None

    @contextmanager
    def step(self, title: Words) -> Iterator[Step]:
        """Announces a step, and says at its end how long it took; says nothing more when it fails."""
        step = Step(title, "", self._live)
        if self._live:
            step._task = self._live.add_task(str(title), total=None)
        else:
            self.say(f"  … {title}")
        began = time.monotonic()
        try:
            yield step
        finally:
            if self._live and step._task is not None:
                self._live.remove_task(step._task)
        self.say(f"  ✓ {padded(step.line, WIDTH)} {time.monotonic() - began:6.1f} s")

    def say(self, text: object = "", style: str | None = None) -> None:
        """One or more lines; a terminal that is gone (closed, a broken pipe) must not stop the work."""
        with suppress(OSError):
            self.terminal.print(str(text), style=style)
            sys.stdout.flush()

    def warn(self, text: object) -> None:
        """Something went wrong; what follows the first line is detail."""
        self.say(f"  ✗ {text}", style="bold red")
