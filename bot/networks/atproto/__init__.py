"""The AT Protocol, Bluesky's: identities, tokens, calls to a PDS. What `api` and `connect` share."""
