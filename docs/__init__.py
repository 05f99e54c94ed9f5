"""Pictures of the page and of the training, and the commands that make them."""
