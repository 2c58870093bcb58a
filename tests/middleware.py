"""Middleware that a project might have."""

from django import VERSION
from django.http import HttpResponseForbidden
from django.views.decorators.vary import vary_on_cookie, vary_on_headers

from oidc_session.middleware import SessionManagementMiddleware

CSP_MIDDLEWARE = ["csp.middleware.CSPMiddleware"]
if VERSION >= (6, 0):
    CSP_MIDDLEWARE.append("django.middleware.csp.ContentSecurityPolicyMiddleware")


class OwnSessionManagementMiddleware(SessionManagementMiddleware):
    pass


def function_middleware(get_response):
    return get_response


def refuses_frames(get_response):
    def middleware(request):
        response = get_response(request)
        response["X-Frame-Options"] = "DENY"
        return response

    return middleware


def sets_a_policy(get_response):
    def middleware(request):
        response = get_response(request)
        response["Content-Security-Policy"] = "frame-ancestors 'none'"
        return response

    return middleware


def sets_a_cookie(get_response):
    def middleware(request):
        response = get_response(request)
        response.set_cookie("visitor", "1")
        return response

    return middleware


def asks_for_login(get_response):
    return lambda request: HttpResponseForbidden()


def looks_for_the_person(get_response):
    def middleware(request):
        assert request.user.is_authenticated in (True, False)
        return get_response(request)

    return middleware


def varies_on_language(get_response):
    return vary_on_headers("Accept-Language")(get_response)


def varies_on_cookie(get_response):
    return vary_on_cookie(get_response)
