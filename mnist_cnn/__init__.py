"""Small convolutional networks for handwritten digits: recipes, training, and the way from a drawing to MNIST's format."""
