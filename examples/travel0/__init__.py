"""Travel0 Corporate Booking: one customer's instance of a tenant application.

A plain OpenID Connect relying party. It knows its issuer by one URL and learns the rest from discovery, and the imports
within are relative, so that the folder can be copied into another project as it stands.
"""
