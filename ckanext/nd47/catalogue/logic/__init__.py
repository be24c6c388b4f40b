"""What an account may do with catalogues, and the parameters of the actions."""
