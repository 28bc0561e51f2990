"""The demo without a web framework: models that run step by step, what a class changes, and what is shown of them."""
