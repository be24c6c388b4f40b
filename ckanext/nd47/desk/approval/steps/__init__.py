"""The steps of an approval: which agencies need it, and who decides."""
