"""Records on their way to a target, and their pace.

`open_publisher(url)` finds who speaks the URL's protocol; `Publishing` sends messages through it at least once, and needs no Run.
"""

from synth_sdk.client.streaming.publishing import Publishing, publish_all
from synth_sdk.client.streaming.targets import open_publisher

__all__ = ["Publishing", "open_publisher", "publish_all"]
