"""One module a kind of encoding; see ../make.py."""
