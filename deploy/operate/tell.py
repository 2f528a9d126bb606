"""What the commands print: each line in Chinese and English."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aiokafka import TopicPartition
from rich.console import Console
from rich.table import Table

from common.refilling import Refilled
from deploy.operate.dead import Replayed
from deploy.operate.lag import PartitionLag, ServiceLag
from deploy.operate.letters import Letter
from deploy.operate.rebuild import Rebuilt
from deploy.operate.second_schema import Compared
from deploy.operate.settle import Settled
from deploy.words import Words

_WIDTH = 110  # a narrower place, a pipe for instance, would cut the columns


def say(words: Words) -> None:
    """One message in the operator's language, in both where that is not known."""
    print(words.spoken("\n"))


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, left: int = 1) -> None:
    """A table; the first `left` columns hold words, the others figures."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for number, title in enumerate(columns):
        made.add_column(title, justify="left" if number < left else "right")
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    console = Console(highlight=False, markup=False)
    console.width = max(console.width, _WIDTH)
    console.print(made)


def refilled(service: str, done: Refilled) -> None:
    """What `refill` found and did."""
    say(
        Words(
            f"{service}：保留 {done.retained} 条，补发 {done.sent} 条。",
            f"{service}: {done.retained} events retained, {done.sent} of them sent again.",
        )
    )
    if done.emptied:
        say(
            Words(
                "主题里新事件已先于旧事件，故先清空再按原顺序发送；各服务会从头读取，收件箱去重。",
                "Newer events had overtaken missing ones: the topic was emptied and sent whole, in order; readers begin"
                " again and their inboxes know what they have seen.",
            )
        )
    if done.out_of_order:
        say(
            Words(
                f"注意：{done.out_of_order} 个聚合的旧版本排在新版本之后，且更早的历史不允许清空主题。",
                f"Note: of {done.out_of_order} aggregates an older version stands behind a newer one, and history older"
                " than what is retained forbids to empty the topic. Compare the readers: rebuild.",
            )
        )


def rebuilt(found: Rebuilt) -> None:
    """What `rebuild` compared."""
    columns = ("表 table", "现有 live", "重建 rebuilt", "仅现有 only live", "仅重建 only rebuilt")
    table(columns, [(t.table, t.live, t.rebuilt, t.only_live, t.only_rebuilt) for t in found.tables])
    for compared in found.tables:
        _examples(compared)
    say(
        Words(
            f"重放 {found.events} 个事件；{found.incomplete} 个聚合缺版本；"
            f"{found.failed} 条无法重放；落后 {found.behind} 条。",
            f"{found.events} events replayed; {found.incomplete} aggregates lack versions; {found.failed} records"
            f" cannot be replayed; the service is {found.behind} records behind.",
        )
    )
    if found.equal:
        say(Words("逐行一致。", "Equal, row by row."))
    elif found.swapped:
        say(Words("已替换为重建的行；请重启该服务。", "The live rows are now the rebuilt ones; restart the service."))
    else:
        say(Words("不一致。", "They differ."))


def _examples(compared: Compared) -> None:
    for row in compared.examples_live:
        print(f"  {compared.table} - {row[:300]}")
    for row in compared.examples_rebuilt:
        print(f"  {compared.table} + {row[:300]}")


def lags(found: Sequence[ServiceLag]) -> None:
    """A row for each service, then each partition that is behind, held or beyond its log."""
    columns = ("服务 service", "成员 members", "落后 lag", "发件箱 outbox", "最久秒 oldest s", "死信 dead")
    table(
        columns,
        [
            (s.service, s.members, sum(p.lag for p in s.partitions), s.outbox_rows, f"{s.outbox_age:.1f}", s.dead)
            for s in found
        ],
    )
    behind = [(s.service, p) for s in found for p in s.partitions if p.lag or p.reason or p.beyond_end]
    if behind:
        columns = ("服务 service", "分区 partition", "状态 state", "位置 at", "末端 end", "落后 lag")
        rows = [
            (name, f"{p.partition.topic}:{p.partition.partition}", _standing(p), p.committed, p.end, p.lag)
            for name, p in behind
        ]
        print()
        table(columns, rows, left=3)


def _standing(partition: PartitionLag) -> str:
    if partition.reason:
        return f"停住 {partition.reason}"
    if partition.beyond_end:
        return "位置超出末端 beyond the end"
    if partition.stuck:
        return "不动 does not move"
    return "进行中 under way"


def letters(found: Sequence[Letter]) -> None:
    """A row for each dead letter."""
    columns = ("编号 no", "状态 state", "时间 UTC", "事件 event", "来自 from", "原因 reason")
    rows = [
        (
            each.number,
            each.state,
            f"{each.at:%m-%d %H:%M:%S}",
            each.headers.get("ce_type", "?").removeprefix("org.alliance."),
            each.origin,
            each.reason[:80] + (f"（{each.note}）" if each.note else ""),
        )
        for each in found
    ]
    table(columns, rows, left=len(columns))
    if not found:
        say(Words("没有死信。", "There are no dead letters."))


def letters_whole(found: Sequence[Letter]) -> None:
    """Everything that is known of each letter."""
    for each in found:
        print(f"\n{each.number} {each.state} {each.at.isoformat()} {each.origin}\n{each.reason}\n{each.note}")
        for name, value in each.headers.items():
            print(f"  {name}: {value}")
        print(f"  {(each.record.value or b'').decode('utf-8', 'replace')[:4000]}\n{each.stack}")


def replayed(done: Sequence[Replayed]) -> None:
    """What came of each letter."""
    for each in done:
        number = each.letter.number
        if each.again is not None:
            say(
                Words(
                    f"{number}：又失败，见 {each.again.number}",
                    f"{number}: failed again, now letter {each.again.number}",
                )
            )
            print(f"  {each.again.reason}")
        elif each.processed:
            say(Words(f"{number}：已处理。", f"{number}: processed."))
        else:
            say(Words(f"{number}：已送出，服务尚未读到。", f"{number}: sent; the service has not come to it yet."))
    if not done:
        say(Words("没有等待处理的死信。", "No dead letter waits."))


def dropped(found: Sequence[Letter]) -> None:
    """Which letters were put aside."""
    numbers = ", ".join(str(each.number) for each in found)
    say(Words(f"已放弃：{numbers}。", f"Dropped: {numbers}."))


def positions(service: str, found: Mapping[TopicPartition, int]) -> None:
    """Where a service goes on."""
    for partition, offset in sorted(found.items()):
        print(f"{service} {partition.topic}:{partition.partition} → {offset}")


def settled(done: Settled, folder: Path) -> None:
    """What goes back, and what people have to look at; all of it is written beside the backup."""
    rewound = ", ".join(f"{service} {number}" for service, number in done.rewound.items() if number)
    say(
        Words(
            f"读取位置已退回备份时（分区数）：{rewound}", f"Positions are those of the backup (partitions): {rewound}"
        )
    )
    columns = ("服务 service", "类型 kind", "编号 id", "版本 version", "现有 there")
    rows = [(one.service, one.kind, one.id, one.version, "✓" if one.there else "✗") for one in done.lost]
    if not rows:
        say(Words("备份之后没有变更。", "Nothing had changed since the backup."))
        return
    file = folder / "changed-after-backup.txt"
    file.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    table(columns, rows[:20], left=len(columns))
    say(
        Words(
            f"备份之后变更过的共 {len(rows)} 项（全部见 {file}）；✗ 为备份里没有的。请核对，先看已撤销的账号和密钥。",
            f"{len(rows)} things had changed since the backup (all in {file}); ✗: not in it. Enter them again where it"
            " matters; look at accounts, keys and sessions that were closed first.",
        )
    )
