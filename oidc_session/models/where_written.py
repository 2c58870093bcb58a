"""Reading where is written: a replica that is behind knows no session that has just begun, and would end it."""

from typing import TypeVar

from django.db import models, router

Model = TypeVar("Model", bound=models.Model)


class WhereWritten(models.Manager[Model]):
    def get_queryset(self) -> models.QuerySet[Model]:
        return super().get_queryset().using(router.db_for_write(self.model))
