"""Series: loading stages, measuring behaviours, export to git."""
