"""What was bought once: accepted records by the key of their request, and the raw replies of runs that aren't finished.

Importing this package loads neither the disk cache library nor SQLite; they come with the first row that is read or written.
"""

from synth_sdk.cache.journal import Journal
from synth_sdk.cache.keys import request_key
from synth_sdk.cache.memory import Memory
from synth_sdk.cache.model import Cached, CacheMode
from synth_sdk.cache.rows import Entry
from synth_sdk.cache.store import Store

__all__ = ["CacheMode", "Cached", "Entry", "Journal", "Memory", "Store", "request_key"]
