"""The documents, their pictures, and the modules that make the pictures."""
