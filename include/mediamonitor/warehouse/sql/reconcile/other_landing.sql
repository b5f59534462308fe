-- differences: the landings that the ledger was made from, where this one is none of them
SELECT bucket || '/' || prefix, objects || ' objects'
FROM listings
WHERE NOT EXISTS (SELECT 1 FROM listings WHERE bucket = $bucket AND prefix = $prefix)
ORDER BY ALL;
