"""A patch as pictures: which bands make the colours, at which contrast, drawn, captioned and read."""
