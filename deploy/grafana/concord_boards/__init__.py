"""The Grafana dashboards: `platform` and `city` list the queries, `builder` makes the panels."""
