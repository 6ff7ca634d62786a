"""Another city, from the wheel alone."""
