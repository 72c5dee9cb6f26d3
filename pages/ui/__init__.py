"""What the screens are made of; the only place that knows how things look."""
