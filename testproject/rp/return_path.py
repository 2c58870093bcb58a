from django.utils.http import url_has_allowed_host_and_scheme


def safe_path(path: str) -> str:
    one_slash = path.startswith("/") and not path.startswith("//")
    safe = one_slash and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if safe else "/"
