"""The web: requests and responses, the title of the portal, colours, the public network."""
