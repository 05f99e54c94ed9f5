"""How the confidence of a trained network is fitted. The page needs none of this."""
