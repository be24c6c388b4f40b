"""When files are checked: requests of transactions, jobs, the process, and the stored result."""
