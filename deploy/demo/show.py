"""How the demonstration looks in a terminal: steps, a need, its matches with their reasons."""

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from deploy.demo.client import Json
from deploy.words import Words

BAR = 20
NEED_PARTS = (
    ("title", "标题 title"),
    ("problem", "问题 problem"),
    ("population", "人群 population"),
    ("outcome", "结果 outcome"),
    ("workflow_step", "环节 step"),
)
RECORDS = {"demo": "演示 demo", "public_record": "公开记录 public record", "member": "成员 member"}


def both(text: Json) -> str:
    """Chinese and English of a text, whichever there are."""
    return " / ".join(part for part in (text.get("zh"), text.get("en")) if part) if text else ""


def bar(value: float, width: int = BAR) -> Text:
    """A value of 0 to 1 as a bar."""
    filled = round(max(0.0, min(1.0, value)) * width)
    return Text("█" * filled, style="green") + Text("░" * (width - filled), style="bright_black")


def step(console: Console, number: int, words: Words) -> None:
    """One step of the play, in both languages."""
    console.print(Text.assemble(f"\n{number} ", (words.zh, "bold cyan"), (f"  {words.en}", "cyan")))


def need_panel(need: Json) -> Panel:
    """A need as its poster wrote it, in both languages."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bright_black", no_wrap=True)
    table.add_column(ratio=1)
    for part, label in NEED_PARTS:
        table.add_row(label, Text(need[part].get("zh") or "") + Text(f"\n{need[part].get('en') or ''}", style="italic"))
    return Panel(table, title=both(need["organisation"]["name"]), title_align="left", border_style="cyan")


def match_panel(rank: int, match: Json) -> Panel:
    """A suggestion: who, how strong, why (facets as bars with their reasons), and the words that matched."""
    organisation = match["organisation"]
    title = Text.assemble(
        (f"{rank:>2}  ", "bold"),
        (both(organisation["name"]), "bold"),
        (f"  [{RECORDS.get(organisation['record'], organisation['record'])}]  ", "yellow"),
        (f"{match['score']:.2f}", "bold green"),
    )
    facets = Table.grid(padding=(0, 1))
    for justify in ("left", "left", "right"):
        facets.add_column(no_wrap=True, justify=justify)
    facets.add_column(ratio=1)
    for facet in match["facets"]:
        style = "" if facet["points"] else "bright_black"
        reason = Text(both(facet["text"]), style=style)
        facets.add_row(
            Text(facet["code"], style="bright_black"), bar(facet["value"], 12), f"{facet['points']:.2f}", reason
        )
    parts: list[Table | Text] = [facets]
    if match.get("item"):
        parts.append(Text.assemble(("条目 item  ", "bright_black"), both(match["item"]["title"])))
    if match["words"]:
        parts.append(_words(match["words"]))
    if match.get("would_change"):
        parts.append(Text.assemble(("可提高分数 would raise it  ", "bright_black"), both(match["would_change"])))
    return Panel(Group(*parts), title=title, title_align="left", border_style="bright_black")


def _words(words: list[Json]) -> Text:
    """The words that counted most; as need=profile where the two are spelled differently."""
    text = Text("词语 words ", style="bright_black")
    for word in sorted(words, key=lambda word: -word["points"])[:10]:
        same = word["need"].lower() == word["profile"].lower()
        text.append(f" {word['need'] if same else word['need'] + '=' + word['profile']}", style="green")
        text.append(f" {word['points']:.2f}", style="bright_black")
    return text
