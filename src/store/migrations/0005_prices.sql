-- Prices that depend on more than the count of tokens, and costs that providers report themselves.

ALTER TABLE price_version ADD COLUMN cache_write_1h INTEGER;           -- nano-USD per 1,000,000 tokens
ALTER TABLE price_version ADD COLUMN tiers TEXT NOT NULL DEFAULT '';   -- JSON: by length and service

-- With the tokens what the cost was computed from; the basis tells where it was reported instead.
ALTER TABLE provider_call ADD COLUMN cache_write_1h INTEGER NOT NULL DEFAULT 0;
ALTER TABLE provider_call ADD COLUMN service_tier TEXT NOT NULL DEFAULT '';

-- Some of the cost is as the provider reported it.
ALTER TABLE usage_event ADD COLUMN cost_reported INTEGER NOT NULL DEFAULT 0;
