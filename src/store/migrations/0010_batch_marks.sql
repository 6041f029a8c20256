-- A page less for each commit.

-- The number of the last batch in which its owner claimed or settled this send; see writer_mark,
-- which keeps the numbers of other batches. 0: none, or somebody else settled it.
ALTER TABLE send ADD COLUMN batch INTEGER NOT NULL DEFAULT 0;
