"""A pair of one's own images: files of any of the usual kinds, understood, said and made a patch."""
