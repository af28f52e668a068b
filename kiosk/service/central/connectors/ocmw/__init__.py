"""The OCMW's own data: a table or view of the city, or a list that is imported every night."""
