"""How a network is trained. The page needs none of this."""
