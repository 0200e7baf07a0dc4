"""The dashboard's pages of users, applications, connections, APIs and roles."""

from unfold.admin import ModelAdmin


class ApplicationAdmin(ModelAdmin):
    pass
