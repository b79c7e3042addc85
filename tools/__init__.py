"""What is run by hand or by `make` around Scarp, and is no part of it: the site of its documentation, its pictures."""
