"""The base of what is asked and answered."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A model whose validator is built when it is first used: to build all took 3 MiB, and some of the start."""

    model_config = ConfigDict(defer_build=True)
