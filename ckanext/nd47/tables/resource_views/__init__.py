"""What the views of a resource share: access, columns, cached content, responses, embedding."""
