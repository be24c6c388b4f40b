"""The figures of reports: what is so today, stored by month, and added up for a period."""
