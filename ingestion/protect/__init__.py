"""Personal information, treated by its class before the first durable write. See README.md."""
