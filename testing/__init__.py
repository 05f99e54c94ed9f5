"""What tests and benchmarks share: servers, a visitor in a browser, photographs, rows of digits."""
