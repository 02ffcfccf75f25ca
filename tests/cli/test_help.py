"""Help pages: what is in which section, how options read, and that nothing runs over the edge."""

from typing import Annotated

import pytest
import typer

from chatctl.cli import help as helping
from chatctl.cli.help import Page, summary, text_of


def params_of(function):
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command()(function)
    command = typer.main.get_command(app)
    return command.params, typer.Context(command, info_name="x")


def sample(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Files.")],
    speed: Annotated[float, typer.Option("--speed", "-s", help="How fast.", min=0)] = 1.5,
    name: Annotated[str, typer.Option(metavar="NAME", envvar="X_NAME", help="Who.")] = "",
    loud: Annotated[bool, typer.Option("--loud", rich_help_panel="Noise", help="Shout.")] = False,
    secret: Annotated[bool, typer.Option("--secret", hidden=True)] = False,
):
    """Do it."""


def test_rows():
    assert helping.rows(*params_of(sample)) == [
        ("FILE...", "Files."),
        ("-s, --speed N", "How fast. [default: 1.5]"),
        ("    --name NAME", "Who. [env: X_NAME]"),
        ("    --loud", "Shout."),
    ]


def test_sections_come_in_their_order():
    page = Page(60, color=False)
    params, context = params_of(sample)
    helping.add_parameters(page, context, params)
    headings = [line for line in str(page).splitlines() if line.endswith(":")]
    assert headings == ["Arguments:", "Options:", "Noise:"]


def test_usage():
    assert helping.usage_pieces(params_of(sample)[0]) == ["[OPTIONS]", "FILE..."]


@pytest.mark.parametrize(
    ("doc", "line"),
    [
        ("Do it.", "Do it"),
        ("Do\n    it.\n\n    More.", "Do it"),
        (None, ""),
        ("Do.\n\nRaises:\n x", "Do"),
    ],
)
def test_the_summary_is_the_first_sentence(doc, line):
    assert summary(doc) == line


def test_what_is_for_programmers_is_left_out():
    assert text_of("Do it.\n\n    Raises:\n        X: never.\n    ") == "Do it."


def test_prose_is_filled_and_examples_are_kept():
    page = Page(20, color=False)
    page.prose("some words that are filled\nhere\n\nExamples:\n  chatctl   x  # kept as it is")
    assert str(page) == (
        "some words that are\nfilled here\n\nExamples:\n  chatctl   x  # kept as it is"
    )


def test_a_long_term_has_its_meaning_below():
    page = Page(60, color=False)
    page.table("T", [("--a-very-long-option-of-some-kind VALUE", "means"), ("-x", "short")])
    lines = str(page).splitlines()
    assert lines[2].strip() == "means"
    assert lines[3].index("short") == lines[2].index("means")
