"""What every contender is asked for: one record of this model, one call each. Needs pydantic only, which each of them has."""

from pydantic import BaseModel, ConfigDict, Field

PROMPT = "Write the record of one invented visitor of a small museum: name, age, city and a note of a sentence. Number {number}."
MODEL = "gpt-4o-mini"  # the name that the peers ask for; the server knows one model whatever its name


class Visitor(BaseModel):
    """A record."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    age: int = Field(ge=0, le=120)
    city: str
    note: str
