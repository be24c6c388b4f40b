"""Pages of the approval, their template helpers, and words for its codes."""
