"""The table that `make status` prints."""

from rich.console import Console
from rich.table import Table

from deploy.local.status import Row, Status

COLUMNS = ("part", "state", "address", "CPU %", "MB", "lag", "outbox", "oldest s", "dead", "restarts")
WIDTH = 110  # a narrower place, a pipe for instance, would cut the columns
STYLES = {"ready": "green", "not ready": "yellow", "waiting": "yellow", "starting": "yellow"}


def show(status: Status) -> None:
    """Prints a row for each part, the sums, and what is wrong where something is."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, title in enumerate(COLUMNS):
        table.add_column(title, justify="left" if number < 3 else "right", no_wrap=True)
    for row in status.rows:
        table.add_row(*_cells(row), style=None)
    table.add_row("together", "", "", f"{status.cpu_percent:.1f}", f"{status.memory / 2**20:.0f}", style="bold")
    console = Console(highlight=False, soft_wrap=True)
    console.width = max(console.width, WIDTH)
    console.print(table)
    for row in status.rows:
        if row.error:
            console.print(f"\n{row.name}: {row.error}", markup=False, style="red")
    if not status.ready:
        what = "not everything is ready" if status.supervised else "it is not running: make run"
        console.print(f"\n{what}", style="bold red")


def _cells(row: Row) -> tuple[str, ...]:
    figures, used = row.figures, row.usage
    state = row.state
    if state == "not ready" and figures.waits_for:
        state += f" ({', '.join(figures.waits_for)})"
    return (
        row.name,
        f"[{STYLES.get(row.state, 'red')}]{state}[/]",
        row.address,
        f"{used.cpu_percent:.1f}" if used else "",
        f"{used.memory / 2**20:.0f}" if used else "",
        _number(figures.lag),
        _number(figures.outbox_rows),
        f"{figures.outbox_age:.1f}" if figures.outbox_age is not None else "",
        _number(figures.dead_letters),
        str(row.restarts) if row.name != "supervisor" else "",
    )


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
