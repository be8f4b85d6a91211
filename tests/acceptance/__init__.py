"""A portal of five hundred articles, what is done to it, and how what was told is compared with that."""
