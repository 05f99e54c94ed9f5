"""How the confidence of a trained network is fitted; a page needs none of it."""
