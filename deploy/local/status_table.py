"""The table that `make status` prints."""

from rich.console import Console
from rich.table import Table

from deploy.local.status import Row, Status
from deploy.words import Words

COLUMNS = (
    Words("部分", "part"),
    Words("状态", "state"),
    Words("地址", "address"),
    Words("CPU %", "CPU %"),
    Words("MB", "MB"),
    Words("滞后", "lag"),
    Words("待发", "outbox"),
    Words("最久 s", "oldest s"),
    Words("死信", "dead"),
    Words("重启", "restarts"),
)
STATES = {
    "ready": Words("就绪", "ready"),
    "not ready": Words("未就绪", "not ready"),
    "waiting": Words("等待重启", "waiting"),
    "starting": Words("启动中", "starting"),
    "stopped": Words("已停止", "stopped"),
    "failed": Words("失败", "failed"),
}
WIDTH = 110  # a narrower place, a pipe for instance, would cut the columns
STYLES = {"ready": "green", "not ready": "yellow", "waiting": "yellow", "starting": "yellow"}


def show(status: Status) -> None:
    """Prints a row for each part, the sums, and what is wrong where something is."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, title in enumerate(COLUMNS):
        table.add_column(title.spoken("\n"), justify="left" if number < 3 else "right", no_wrap=True)
    for row in status.rows:
        table.add_row(*_cells(row), style=None)
    table.add_row(
        str(Words("合计", "together")),
        "",
        "",
        f"{status.cpu_percent:.1f}",
        f"{status.memory / 2**20:.0f}",
        style="bold",
    )
    console = Console(highlight=False, soft_wrap=True)
    console.width = max(console.width, WIDTH)
    console.print(table)
    for row in status.rows:
        if row.error:
            console.print(f"\n{row.name}: {row.error}", markup=False, style="red")
    if not status.ready:
        partly = Words("尚未全部就绪", "not everything is ready")
        what = partly if status.supervised else Words("没有在运行：make run", "it is not running: make run")
        console.print(f"\n{what}", style="bold red")


def _cells(row: Row) -> tuple[str, ...]:
    figures, used = row.figures, row.usage
    state = str(STATES[row.state])
    if row.state == "not ready" and figures.waits_for:
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
