"""What `manage.py oidc_session_doctor` asks the running provider, and the house behind it."""
