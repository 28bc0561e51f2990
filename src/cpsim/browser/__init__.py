"""The page of the demo: its server, its components, and their files for the browser."""
