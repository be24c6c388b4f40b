"""What the checks found: in words, as statements for lists of work, and against what is expected.

Other rooms may import `expected` and `faults`.
"""
