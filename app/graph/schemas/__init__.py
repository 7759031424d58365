"""What may be asked of the graph over HTTP, and what is answered."""
