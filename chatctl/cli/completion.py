"""``chatctl completion``: the script that teaches a shell our commands and options."""

from enum import StrEnum
from typing import Annotated

import typer
from typer import completion as shells


class Shell(StrEnum):
    """A shell that can complete."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def completion(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.")],
) -> None:
    """Print the completion script of a shell.

    Examples:
      eval "$(chatctl completion bash)"                                  # in ~/.bashrc
      eval "$(chatctl completion zsh)"                                   # in ~/.zshrc
      chatctl completion fish > ~/.config/fish/completions/chatctl.fish  # once
    """
    script = shells.get_completion_script(  # type: ignore[attr-defined]
        prog_name="chatctl", complete_var="_CHATCTL_COMPLETE", shell=shell.value
    )
    typer.echo(script)
