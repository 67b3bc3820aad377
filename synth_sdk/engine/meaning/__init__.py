"""What names mean, and what is usual for each meaning."""
