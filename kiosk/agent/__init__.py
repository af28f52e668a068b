"""The process per visit: it holds card, number and network, and dies with the visit."""
