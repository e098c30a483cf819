"""A run as one HTML file to click through: what is on the page, its templates, its style and its script."""
