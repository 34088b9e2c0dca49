"""Events by signed HTTPS request (Standard Webhooks), for city services without AMQP."""
