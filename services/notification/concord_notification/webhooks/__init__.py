"""Events by signed HTTPS request, after Standard Webhooks, for services of the city that do not speak AMQP."""
