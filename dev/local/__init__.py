"""The portal and its services on this machine: `make portal`, `make stop` and what they start."""
