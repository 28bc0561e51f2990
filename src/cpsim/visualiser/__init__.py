"""The classroom demo in the browser."""
