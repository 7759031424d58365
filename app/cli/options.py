"""The options that several questions have, as parameters of the API; it is the API that says what they may be."""

from typing import Annotated

import typer

from app.cli.completing import companies

Slug = Annotated[str, typer.Argument(metavar="SLUG", help="The slug of a company.", autocompletion=companies)]
Companies = Annotated[
    list[str] | None,
    typer.Argument(metavar="SLUG", help="Only what names this company; several: either.", autocompletion=companies),
]
Depth = Annotated[int | None, typer.Option(help="How many hops away from the company, 1 to 8; 3 by default.")]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="Only dependencies of this kind, such as compute; several: either.")
]
Stages = Annotated[
    list[str] | None, typer.Option("--stage", help="Only those at this stage, such as signed; several: at either.")
]
Evidences = Annotated[
    list[str] | None,
    typer.Option("--evidence", help="Only those whose strongest evidence is this, such as reported; several: either."),
]
NotKinds = Annotated[list[str] | None, typer.Option("--kind-not", help="No dependencies of this kind.")]
NotStages = Annotated[list[str] | None, typer.Option("--stage-not", help="None at this stage.")]
NotEvidences = Annotated[
    list[str] | None, typer.Option("--evidence-not", help="None whose strongest evidence is this.")
]
AsOf = Annotated[
    str | None, typer.Option(metavar="DAY", help="The day on which it holds or may hold; today by default.")
]
KnownAt = Annotated[str | None, typer.Option(metavar="TIME", help="As the store knew it then (RFC 3339).")]
PublishedBy = Annotated[
    str | None, typer.Option(metavar="DAY", help="Only what some source had published by that day.")
]
Limit = Annotated[int | None, typer.Option(help="How many are shown at most.")]
Cursor = Annotated[str | None, typer.Option(help="Where to go on, as the page before says.")]
AsJson = Annotated[bool, typer.Option("--json", help="The answer of the API itself.")]


def _with_scheme(url: str | None) -> str | None:
    if url and not url.startswith(("http://", "https://")):
        raise typer.BadParameter("an address begins with http:// or https://")
    return url


Url = Annotated[
    str | None,
    typer.Option(
        envvar="DEALGRAPH_URL", callback=_with_scheme, help="A server to ask; the store itself when left out."
    ),
]
Key = Annotated[str | None, typer.Option(envvar="DEALGRAPH_KEY", help="A key of that server.")]
