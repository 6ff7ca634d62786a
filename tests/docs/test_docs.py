"""What is written is true: links resolve, commands exist, examples load, named code is there."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from dashboards.compiler.specification import load_page
from ingestion.conform.convert import DAYS, MOMENTS
from ingestion.contract.load import load_file
from ingestion.contract.model import CLASSES, ZONED
from orchestration.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "ingestion",
    "quality",
    "dbt_project",
    "dashboards",
    "orchestration",
    "simulation",
    "benchmarks",
)
# Set by one of our processes for another, or by a test's author: nothing a user sets.
INTERNAL = {
    *("FENGQIAO_DUCKDB", "FENGQIAO_DBT_TARGET", "FENGQIAO_KILLS", "FENGQIAO_ORDERS"),
    *("FENGQIAO_LOAD_QUESTIONS", "FENGQIAO_LOAD_LOGINS", "FENGQIAO_DBT_PARSED"),
}
CODE = (".py", ".sh", ".yaml", ".yml")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def pages() -> list[Path]:
    return tracked("*.md")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def block(page: str, containing: str) -> str:
    found = re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text("utf-8"), re.S)
    return next(text for text in found if containing in text)


def test_every_internal_link_resolves() -> None:
    broken = []
    for page in pages():
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
            path = target.partition("#")[0]
            if path and "://" not in path and not (page.parent / path).exists():
                broken.append(f"{name(page)}: {target}")
    assert broken == []


def test_every_folder_of_a_room_says_what_it_is() -> None:
    folders = {path.parent for path in tracked(*(f"{room}/*" for room in ROOMS))}
    assert [name(f) for f in sorted(folders) if not (f / "README.md").exists()] == []


def commands_named() -> Iterator[tuple[str, list[str]]]:
    """(page, words) of every command written as code; `a|b` names each of them."""
    for page in pages():
        text = re.sub(r"\\\n\s*", " ", page.read_text("utf-8"))
        spans = re.findall(r"`fengqiao ([^`\n]+)`", text)
        spans += re.findall(r"^ {4,8}(?:\$ )?fengqiao ([^\n#]+)", text, re.M)
        for span in spans:
            words = re.sub(r"\"[^\"]*\"?|'[^']*'?", "TEXT", span).replace("…", "").split()
            if words:
                yield name(page), words


def find(words: list[str]) -> click.Command | None:
    found: click.Command = typer.main.get_command(app)
    for word in words:
        if not hasattr(found, "commands"):
            break
        if word not in found.commands:
            return None if not word.startswith("-") else found
        found = found.commands[word]
    return found


def test_every_command_named_in_the_docs_exists_with_its_options() -> None:
    wrong, seen = [], 0
    for page, words in commands_named():
        choices = words[1].split("|") if len(words) > 1 and "|" in words[1] else words[1:2]
        for choice in choices or [""]:
            seen += 1
            said = [words[0], *([choice] if choice else []), *words[2:]]
            command = find(said)
            if command is None:
                wrong.append(f"{page}: fengqiao {' '.join(said)}")
                continue
            known = {o for p in command.params for o in p.opts} | {"--help"}
            options = [w for w in said if w.startswith("--") and w not in known]
            wrong += [f"{page}: fengqiao {' '.join(said)}: no option {o}" for o in options]
    assert seen > 40
    assert wrong == []


def test_every_make_target_named_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = set()
    for page in pages():
        named |= set(re.findall(r"(?:`|^ {4})make ([a-z]+)", page.read_text("utf-8"), re.M))
    assert {"up", "down", "test"} <= named
    assert named - targets == set()


def test_the_readme_lists_exactly_the_variables_that_are_read() -> None:
    documented = set(re.findall(r"FENGQIAO_[A-Z_]+", (ROOT / "README.md").read_text("utf-8")))
    read: set[str] = set()
    for path in tracked():
        if path.suffix in CODE and name(path).split("/")[0] in (*ROOMS, "scripts"):
            read |= set(re.findall(r"FENGQIAO_[A-Z_]+", path.read_text("utf-8")))
    assert documented == read - INTERNAL


def test_the_example_contract_loads_and_drops_the_donor(tmp_path: Path) -> None:
    file = tmp_path / "x01_bench.odcs.yaml"
    file.write_text(block("docs/contracts.md", "id: feed:X01"), "utf-8")
    contract = load_file(file)
    assert [f.landed_name for f in contract.landed] == ["bench_id"]
    assert contract.frequency == "monthly"


WORDS = sorted({*MOMENTS, *DAYS, "month", *CLASSES, *ZONED} - {"PERSONAL"})


@pytest.mark.parametrize("word", WORDS)
def test_the_contract_page_names_every_date_form_and_class(word: str) -> None:
    assert f"`{word}`" in (ROOT / "docs" / "contracts.md").read_text("utf-8")


def test_the_tutorials_page_is_a_page(tmp_path: Path) -> None:
    file = tmp_path / "page.yaml"
    file.write_text(block("docs/tutorial-your-first-feed.md", "page: west-yorkshire"), "utf-8")
    assert len(load_page(file).blocks) == 4


def defined(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def test_the_walk_through_the_code_names_code_that_is_there() -> None:
    walk = (ROOT / "docs" / "one-row.md").read_text("utf-8")
    missing = []
    rooms = "|".join(ROOMS)
    for path in set(re.findall(rf"`((?:{rooms})/[\w/.-]+\.\w+)", walk)):
        if not (ROOT / path).is_file():
            missing.append(path)
    for path, symbol in re.findall(r"`([\w/]+\.py): (\w+)", walk):
        found = [p for p in tracked("*.py") if name(p).endswith(path)]
        if not any(symbol in defined(p) for p in found):
            missing.append(f"{path}: {symbol}")
    assert missing == []


def test_decisions_are_numbered_without_a_gap_and_listed() -> None:
    folder = ROOT / "docs" / "adr"
    files = sorted(p.name for p in folder.glob("0*.md"))
    assert [int(f[:4]) for f in files] == list(range(1, len(files) + 1))
    index = (folder / "README.md").read_text("utf-8")
    assert [f for f in files if f"({f})" not in index] == []
