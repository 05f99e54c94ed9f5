"""How a network is trained; a page needs none of it."""
