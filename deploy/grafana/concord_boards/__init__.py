"""What the Grafana dashboards show: `platform` and `city` list the queries, `building` draws them."""
