"""One file an edition; the first recognises what Scarp made before there were versions."""
