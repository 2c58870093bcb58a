"""Lets the sample projects find each other's host names of the cross-site worlds, as Chromium is told to."""

import socket

real = socket.getaddrinfo


def getaddrinfo(host, *args, **kwargs):
    return real("127.0.0.1" if str(host).endswith(".test") else host, *args, **kwargs)


socket.getaddrinfo = getaddrinfo
