-- A page less for each commit.

-- The number of the last batch of its owner that wrote this row; see writer_mark, which keeps it
-- for batches that write none. 0: none did.
ALTER TABLE send ADD COLUMN batch INTEGER NOT NULL DEFAULT 0;
