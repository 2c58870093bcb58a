"""Django users for the people whom the providers vouch for: an app of its own, for projects that want them."""
