"""The classroom demo in a browser: an authority, or two beside each other, lived week by week before a class."""
