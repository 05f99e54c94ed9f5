"""What is not a digit, drawn by formulas: scribbles, shapes, spoiled digits, and what people draw first."""
