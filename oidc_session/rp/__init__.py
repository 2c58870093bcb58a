"""A relying party that takes part in the sessions of its OpenID Providers: a Django app of its own."""
