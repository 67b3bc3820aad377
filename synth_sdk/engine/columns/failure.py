"""Why a schema, or a part of one, can't be made in columns."""


class NotColumnarError(Exception):
    """It has to be made a row at a time; the text says why."""
