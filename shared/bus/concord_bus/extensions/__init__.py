"""The bus as nameko extensions: a service class names them to consume, to publish and to read its config."""
