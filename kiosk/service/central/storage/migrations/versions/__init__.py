"""One module a step; what was released is not edited again."""
