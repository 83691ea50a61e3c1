"""Indeed's partner GraphQL API (Job Update) and its token endpoint."""
