"""The rules of notification, free of any framework. The present moment is always an argument."""
