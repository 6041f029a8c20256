-- Settings of tenants.

-- What the host keeps with a tenant for itself, as JSON; the library stores it and gives it back.
ALTER TABLE tenant ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
