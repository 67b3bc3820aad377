"""Publishers: one file for each protocol that records can leave by. What each promises is in docs/streaming.md."""
