-- What somebody marked as not worth a look.
SELECT bucket, key, member, record_no, etag FROM quarantine WHERE state = 'ignored';
