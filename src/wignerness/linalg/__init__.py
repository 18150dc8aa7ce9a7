"""Matrix equations on plain arrays. Nothing in this folder knows any physics."""
