"""HTTP routes, one module per room; each route is one call of a service."""
