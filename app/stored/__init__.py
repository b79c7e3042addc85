"""Files looked at before they are opened: what they declare, unpack to and point at."""
