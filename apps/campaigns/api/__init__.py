from apps.campaigns.api.imports import ImportViewSet

routes = [("contact-imports", ImportViewSet)]
